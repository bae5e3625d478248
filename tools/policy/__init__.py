"""The policy gate: checkov over the HCL, with checks of our own."""
