"""Stands in for Amazon Data Firehose on this machine, so that people can try and test the system without AWS.

It is no production component: in an AWS account, Amazon Data Firehose itself does what this package imitates.
"""
