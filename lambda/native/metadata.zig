//! The columns that describe a change, as `lake_transform/metadata.py` lists them. A test compares both lists.

/// The columns that are in every row, in their order. `cdc_overflow` is nowhere here: a record that needs it is declined.
pub const Column = enum {
    cdc_event,
    cdc_event_id,
    cdc_table,
    cdc_changed_at,
    cdc_changed_at_us,
    cdc_sequence_number,
    cdc_key,
    cdc_ttl,
};

/// The column of the old image, which is the last one of a line that has it.
pub const before = "cdc_before";

/// A record with an attribute whose column would start with this is declined.
pub const prefix = "cdc_";
