# The lease of `tools/lake/lease.py`, as a state machine takes it: the same object, the same fields, the same rules.
# AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations": parameters are those of S3's API.
locals {
  lease_object = { Bucket = var.bucket_name, Key = "ledger/${var.table_name}/lease.json" }

  # So much longer than its holder says a lease is left alone: S3 tells whole seconds, and an answer takes a while.
  lease_slack_seconds = 5

  # A run waits so long for somebody else's lease, and looks so often whether one is there that it cannot read.
  lease_wait_seconds = 3600
  lease_attempts     = 5

  lease_entered = "$toMillis($states.context.State.EnteredTime)"
  lease_put = {
    Type     = "Task"
    Resource = "${local.service}aws-sdk:s3:putObject"
    Assign   = { lease = "{% $states.result.ETag %}" }
    Next     = "WhileHeld"
  }
  lease_request = merge(local.lease_object, {
    ContentType = "application/json"
    Body = {
      who   = local.role_arn
      host  = local.machine_arn
      verb  = "merge"
      since = "{% $states.context.Execution.StartTime %}"
      until = join("", [
        "{% $fromMillis(${local.lease_entered} + ${local.run_seconds * 1000}, ",
        "'[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z') %}",
      ])
      seconds = local.run_seconds
      token   = "{% $states.context.Execution.Id %}"
    }
  })

  lease_states = {
    # What S3 refuses is told apart by looking: its errors have no documented names in Step Functions.
    TakeLease = merge(local.lease_put, {
      Arguments = merge(local.lease_request, { IfNoneMatch = "*" })
      Catch = [{
        ErrorEquals = ["States.ALL"]
        Assign      = { refused = "{% $states.errorOutput.Cause %}" }
        Next        = "LookAtLease"
      }]
    })
    LookAtLease = {
      Type      = "Task"
      Resource  = "${local.service}aws-sdk:s3:getObject"
      Arguments = local.lease_object
      Assign = {
        holder = "{% $parse($states.result.Body) %}"
        lease  = "{% $states.result.ETag %}"
        age    = "{% (${local.lease_entered} - $toMillis($states.result.LastModified)) / 1000 %}"
        unread = 0
      }
      Catch = [{
        ErrorEquals = ["States.ALL"]
        Assign      = { unread = "{% $unread + 1 %}" }
        Next        = "MayWait"
      }]
      Next = "WhoseLease"
    }
    WhoseLease = {
      Type = "Choice"
      Choices = [
        # A request whose answer is lost on the way is sent again, and then its own lease is in the way.
        { Condition = "{% $holder.token = $states.context.Execution.Id %}", Next = "WhileHeld" },
        { Condition = "{% $age > $holder.seconds + ${local.lease_slack_seconds} %}", Next = "TakeOver" },
        { Condition = "{% $holder.host = '${local.machine_arn}' %}", Next = "LookAtItsRun" },
      ]
      Default = "MayWait"
    }
    # A run that was stopped, or timed out, has given nothing back.
    LookAtItsRun = {
      Type      = "Task"
      Resource  = "${local.service}aws-sdk:sfn:describeExecution"
      Arguments = { ExecutionArn = "{% $holder.token %}" }
      Assign    = { its_status = "{% $states.result.Status %}" }
      Catch     = [{ ErrorEquals = ["States.ALL"], Next = "MayWait" }]
      Next      = "HasItsRunEnded"
    }
    HasItsRunEnded = {
      Type = "Choice"
      Choices = [{
        Condition = "{% $its_status in ['ABORTED', 'FAILED', 'SUCCEEDED', 'TIMED_OUT'] %}"
        Next      = "TakeOver"
      }]
      Default = "MayWait"
    }
    TakeOver = merge(local.lease_put, {
      Arguments = merge(local.lease_request, { IfMatch = "{% $lease %}" })
      Catch     = [{ ErrorEquals = ["States.ALL"], Next = "MayWait" }]
    })
    MayWait = {
      Type = "Choice"
      Choices = [{
        Condition = join(" ", [
          "{% $unread >= ${local.lease_attempts}",
          "or ${local.lease_entered} - $started > ${local.lease_wait_seconds * 1000} %}",
        ])
        Next = "LeaseIsHeld"
      }]
      Default = "WaitForLease"
    }
    WaitForLease = { Type = "Wait", Seconds = 60, Next = "TakeLease" }
    LeaseIsHeld = {
      Type  = "Fail"
      Error = "LeaseIsHeld"
      Cause = join(" ", [
        "{% 'table ${var.table_name}: s3://${local.lease_object.Bucket}/${local.lease_object.Key}: ' & ($unread > 0",
        "? $refused : $holder.verb & ' is at work since ' & $holder.since & ' on ' & $holder.host & ', as ' &",
        "$holder.who) %}",
      ])
    }
  }
}
