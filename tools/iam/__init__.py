"""Reads IAM policies and evaluates them: one reader and one evaluator for the plan review, local AWS and the tests."""
