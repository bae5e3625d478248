"""Looks at the account before a plan is made: what would stop an apply there, or hurt what it makes.

Each subject has a module with its checks; `registry` lists them. A check asks AWS, and judges the answers apart from
that. It never fails a deploy by itself: what may not be looked at, or does not answer in time, is a note.
"""
