"""Coverage-guided fuzzing of the Lambda function: `make fuzz SECONDS=1800`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "lambda"))
