"""Coverage-guided fuzzing of the Lambda function: `make fuzz SECONDS=1800`."""
