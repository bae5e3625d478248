"""The objects in the lake's bucket: reading them, and what delivery and removal need to know of them."""
