//! The columns that describe a change, as `lake_transform/metadata.py` lists them. A test compares both lists.

/// The columns that are in every row, in their order. `cdc_overflow` is not one of them: a record that needs it is
/// declined.
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

/// A record with an attribute whose column would start with this is declined.
pub const prefix = "cdc_";
