locals {
  here = "${var.account.region}:${var.account.id}"

  # A row is a step of the data's way, from the table to the lake: a heading, and at most four graphs side by side, each
  # with a line for each table. The whole is 24 units wide.
  graph_width    = 6
  graph_height   = 6
  heading_height = 1

  # Amazon CloudWatch User Guide, "CloudWatch service quotas" and "CloudWatch search expression syntax": a dashboard has at
  # most 2,500 metrics (13 of each table here) and a graph at most 100 searches. An alarm widget shows at most 100 alarms
  # (CloudWatch API Reference, "Dashboard Body Structure and Syntax").
  tables_of_a_page = 100
  pages = [
    for names in(length(local.tables) == 0 ? [[]] : chunklist(sort(keys(local.tables)), local.tables_of_a_page)) : names
  ]

  table_rows = [
    for names in local.pages : [
      {
        title = "Table: changes on their way into the data stream"
        graphs = [
          for title, metric in {
            "Age of the oldest change that is not in the stream (ms)" = ["AgeOfOldestUnreplicatedRecord", "Maximum"]
            "Changes that DynamoDB gave up: lost"                     = ["FailedToReplicateRecordCount", "Sum"]
            "Changes that the stream refused"                         = ["ThrottledPutRecordCount", "Maximum"]
            } : {
            title = title
            stat  = metric[1]
            metrics = [
              for name in names : [{
                label = name
                expression = join("", [
                  "SEARCH('{AWS/DynamoDB,TableName,DelegatedOperation} ",
                  "MetricName=\"${metric[0]}\" TableName=\"${name}\"', '${metric[1]}')",
                ])
              }]
            ]
          }
        ]
      },
      {
        title = "Data stream"
        graphs = [
          for title, metric in {
            "Changes that come in"                     = ["IncomingRecords", "Sum"]
            "Bytes that come in"                       = ["IncomingBytes", "Sum"]
            "How far the last reader is behind (ms)"   = ["GetRecords.IteratorAgeMilliseconds", "Maximum"]
            "Share of writes refused for want of room" = ["WriteProvisionedThroughputExceeded", "Average"]
            } : {
            title = title
            stat  = metric[1]
            metrics = [
              for name, table in { for name in names : name => local.watched[name] } :
              ["AWS/Kinesis", metric[0], "StreamName", table.stream.StreamName, { label = name }]
            ]
          }
        ]
      },
      {
        title = "Delivery stream"
        graphs = [
          for title, metric in {
            "How far Firehose's reading is behind (ms)" = ["KinesisMillisBehindLatest", "Maximum"]
            "Age of the oldest change in Firehose (s)"  = ["DeliveryToS3.DataFreshness", "Maximum"]
            "Changes delivered"                         = ["DeliveryToS3.Records", "Sum"]
            "Share of calls of the function that work"  = ["ExecuteProcessing.Success", "Average"]
            } : {
            title = title
            stat  = metric[1]
            metrics = [
              for name, table in { for name in names : name => local.watched[name] } :
              ["AWS/Firehose", metric[0], "DeliveryStreamName", table.delivery.DeliveryStreamName, { label = name }]
            ]
          }
        ]
      },
      {
        title = "Function"
        graphs = concat(
          [
            for title, metric in {
              "Records that could not be flattened" = ["RecordsFailed", "Sum"]
              "Records flattened"                   = ["RecordsOk", "Sum"]
              } : {
              title = title
              stat  = metric[1]
              metrics = [
                for name, table in { for name in names : name => local.watched[name] } :
                ["DynamoToLake", metric[0], "DeliveryStream", table.delivery.DeliveryStreamName, { label = name }]
              ]
            }
          ],
          [
            for title, metric in {
              "Errors and throttles" = { Errors = "Sum", Throttles = "Sum" }
              "Duration (ms)"        = { Duration = "p90" }
              } : {
              title = title
              stat  = values(metric)[0]
              metrics = [
                for each in keys(metric) : ["AWS/Lambda", each, "FunctionName", local.function_name, { label = each }]
              ]
            }
          ],
        )
      },
    ]
  ]

  # Amazon S3 User Guide, "Amazon S3 metrics and dimensions": once a day.
  lake_rows = [for name in compact([var.bucket_name]) : {
    title = "Lake"
    graphs = concat(
      [
        for title, metric in {
          "Bytes in the bucket"   = ["BucketSizeBytes", "StandardStorage"]
          "Objects in the bucket" = ["NumberOfObjects", "AllStorageTypes"]
          } : {
          title = title
          stat  = "Average"
          metrics = [
            ["AWS/S3", metric[0], "BucketName", name, "StorageType", metric[1], { label = title, period = 86400 }],
          ]
        }
      ],
      [
        for states in [var.states] : {
          title   = "How old the current state is (s)"
          stat    = "Maximum"
          metrics = [for table in keys(states) : ["DynamoToLake", "StateLag", "TableName", table, { label = table }]]
        } if length(states) > 0
      ],
    )
  }]

  # What is no table's own is on the first.
  rows = [
    for page, names in local.pages : concat(
      [for row in local.table_rows[page] : row if var.pipeline != null],
      [for row in local.lake_rows : row if page == 0],
    )
  ]

  # By page: the tables' alarms, and first those that say that data is at risk.
  alarm_names = [
    for page, names in local.pages : concat(
      [for name in names : "${local.prefixes[name]}data-at-risk"],
      [
        for name, alarm in local.alarms : name
        if contains(names, coalesce(alarm.table, "-")) || (page == 0 && !contains(keys(local.tables), coalesce(alarm.table, "-")))
      ],
    )
  ]
  status = [
    for names in local.alarm_names : [
      for shown in [slice(names, 0, min(100, length(names)))] : {
        type   = "alarm"
        x      = 0
        y      = 0
        width  = 24
        height = local.graph_height
        properties = {
          title  = "Alarms"
          alarms = [for name in shown : "arn:${var.account.partition}:cloudwatch:${local.here}:alarm:${name}"]
        }
      } if length(shown) > 0
    ]
  ]
  tops = [
    for place in range(max([for rows in local.rows : length(rows)]...)) :
    local.graph_height + place * (local.heading_height + local.graph_height)
  ]

  widgets = [
    for page, rows in local.rows : concat(local.status[page], flatten([
      for place, row in rows : concat(
        [{
          type       = "text"
          x          = 0
          y          = local.tops[place]
          width      = 24
          height     = local.heading_height
          properties = { markdown = "## ${row.title}" }
        }],
        [
          for column, graph in row.graphs : {
            type   = "metric"
            x      = column * local.graph_width
            y      = local.tops[place] + local.heading_height
            width  = local.graph_width
            height = local.graph_height
            properties = {
              title   = graph.title
              region  = var.account.region
              view    = "timeSeries"
              stat    = graph.stat
              period  = 60
              metrics = graph.metrics
            }
          }
        ],
      )
    ]))
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = {
    for page, widgets in local.widgets : tostring(page + 1) => jsonencode({ widgets = widgets }) if var.monitoring.dashboard
  }

  dashboard_name = each.key == "1" ? var.names.dashboard_name : "${var.names.dashboard_name}-${each.key}"
  dashboard_body = each.value
}
