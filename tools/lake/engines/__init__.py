"""Who answers SQL over the lake: Amazon Athena, or DuckDB on this machine; both give rows of text with every digit."""
