"""What the pipeline costs and how large its parts should be: prices, usage, a model by part, advice, break-evens."""
