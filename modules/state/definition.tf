locals {
  service = "arn:${var.account.partition}:states:::"
  query   = { Type = "Task", Resource = "${local.service}athena:startQueryExecution.sync" }

  # Every statement but ADD COLUMNS may be run again, whether it failed or was done already.
  again = [{ ErrorEquals = ["States.TaskFailed"], IntervalSeconds = 30, MaxAttempts = 2, BackoffRate = 2 }]

  # Seconds that a run may take. Its lease holds as long, because nothing renews it while Athena works.
  run_seconds = 14400

  definition = {
    Comment        = "Merges the changes of ${var.table_name} into its current state"
    QueryLanguage  = "JSONata"
    StartAt        = "LookForOthers"
    TimeoutSeconds = local.run_seconds
    States         = merge(local.start_states, local.lease_states, local.end_states)
  }

  start_states = {
    LookForOthers = {
      Type     = "Task"
      Resource = "${local.service}aws-sdk:sfn:listExecutions"
      Retry    = local.again
      Arguments = {
        StateMachineArn = local.machine_arn
        StatusFilter    = "RUNNING"
      }
      Assign = {
        started = "{% $toMillis($states.context.Execution.StartTime) %}"
        others = join(" ", [
          "{% $count($states.result.Executions[ExecutionArn != $states.context.Execution.Id",
          "and $toMillis(StartDate) < $toMillis($states.context.Execution.StartTime)]) %}",
        ])
        unread = 0
        error  = ""
        cause  = ""
      }
      Next = "Alone"
    }
    Alone = {
      Type    = "Choice"
      Choices = [{ Condition = "{% $others > 0 %}", Next = "AnotherIsAtWork" }]
      Default = "TakeLease"
    }
    AnotherIsAtWork = { Type = "Succeed" }
  }

  end_states = {
    # A state of its own around all steps, so that whatever fails in them gives the lease back.
    WhileHeld = {
      Type     = "Parallel"
      Branches = [{ StartAt = "CreateTable", States = local.merge_states }]
      Catch = [{
        ErrorEquals = ["States.ALL"]
        Assign      = { error = "{% $states.errorOutput.Error %}", cause = "{% $states.errorOutput.Cause %}" }
        Next        = "GiveBack"
      }]
      Next = "GiveBack"
    }
    GiveBack = {
      Type      = "Task"
      Resource  = "${local.service}aws-sdk:s3:deleteObject"
      Arguments = merge(local.lease_object, { IfMatch = "{% $lease %}" })
      Retry     = local.again
      # A lease that stays grows stale, and the next run sees that this one has ended.
      Catch = [{ ErrorEquals = ["States.ALL"], Next = "HasMerged" }]
      Next  = "HasMerged"
    }
    HasMerged = {
      Type    = "Choice"
      Choices = [{ Condition = "{% $error != '' %}", Next = "Failed" }]
      Default = "Done"
    }
    Failed = { Type = "Fail", Error = "{% $error %}", Cause = "{% $cause %}" }
    Done   = { Type = "Succeed" }
  }
}
