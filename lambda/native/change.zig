//! Change record -> line of the lake. The event must be told before the images, as both envelopes have it.

const std = @import("std");
const instants = @import("instants.zig");
const keys = @import("keys.zig");
const reader = @import("reader.zig");
const Reader = reader.Reader;
const Writer = @import("writer.zig").Writer;
const Names = @import("names.zig").Names;
const Image = @import("image.zig").Image;
pub const Options = @import("image.zig").Options;

const Refusal = error{ Declined, NoRoom };

const Event = enum { INSERT, MODIFY, REMOVE };

/// Room for what is written before it has its place. All zero is how it starts.
pub const Workspace = extern struct {
    names: Names,
    key: [32_768]u8,
    head: [65_536]u8,
};

/// What a change record says beside its images. A member that is there twice is declined.
const Change = struct {
    event: ?Event = null,
    event_id: ?reader.Text = null,
    table: ?reader.Text = null,
    has_user_identity: bool = false,
    is_ttl: bool = false,
    source_arn: ?[]const u8 = null,
    has_images: bool = false,
    creation_time: ?u64 = null,
    precision: ?instants.Precision = null,
    keys_at: ?usize = null,
    has_new_image: bool = false,
    has_old_image: bool = false,
    columns: usize = 0,
};

/// Writes the line of one change record, newline and all. What is written when it fails is to be thrown away.
pub fn putLine(
    document: []const u8,
    sequence_number: []const u8,
    options: Options,
    workspace: *Workspace,
    writer: *Writer,
) Refusal!void {
    if (!std.unicode.utf8ValidateSlice(document)) return error.Declined;
    if (reader.digitsOf(sequence_number).len != sequence_number.len) return error.Declined;
    workspace.names.startRecord();
    var place: Reader = .{ .document = document };
    var line: Line = .{
        .reader = &place,
        .writer = writer,
        .key = .{ .buffer = &workspace.key },
        .names = &workspace.names,
        .options = options,
    };
    try line.readChange();
    if (!place.atEnd()) return error.Declined;
    var head: Writer = .{ .buffer = &workspace.head };
    line.putHead(&head, sequence_number) catch return error.Declined;
    try writer.putBefore(head.written());
    try writer.put("}\n");
}

const Line = struct {
    reader: *Reader,
    writer: *Writer,
    key: Writer,
    names: *Names,
    options: Options,
    change: Change = .{},

    const Member = enum { eventName, eventID, dynamodb, tableName, eventSourceARN, userIdentity };
    const ImagesMember = enum {
        ApproximateCreationDateTime,
        ApproximateCreationDateTimePrecision,
        Keys,
        NewImage,
        OldImage,
    };

    fn readChange(self: *Line) Refusal!void {
        const change = &self.change;
        try self.reader.pass('{');
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const member = std.meta.stringToEnum(Member, try self.reader.name()) orelse {
                try self.reader.passValue(1);
                continue;
            };
            switch (member) {
                .eventName => {
                    if (change.event != null) return error.Declined;
                    const name = (try self.reader.string()).spelling;
                    change.event = std.meta.stringToEnum(Event, name) orelse return error.Declined;
                },
                .eventID => {
                    if (change.event_id != null) return error.Declined;
                    change.event_id = try self.nonEmpty();
                },
                .tableName => {
                    if (change.table != null) return error.Declined;
                    change.table = try self.nonEmpty();
                },
                .eventSourceARN => {
                    if (change.source_arn != null) return error.Declined;
                    const text = try self.reader.string();
                    if (text.has_escapes) return error.Declined;
                    change.source_arn = text.spelling;
                },
                .userIdentity => {
                    if (change.has_user_identity) return error.Declined;
                    change.has_user_identity = true;
                    if (!self.reader.passesWord("null")) change.is_ttl = try self.isTimeToLive();
                },
                .dynamodb => {
                    if (change.has_images) return error.Declined;
                    change.has_images = true;
                    try self.readImages();
                },
            }
        }
        const keys_at = change.keys_at orelse return error.Declined;
        // An item without an image is its key.
        if (change.columns == 0) {
            var place: Reader = .{ .document = self.reader.document, .at = keys_at };
            try self.putImage(&place);
        }
    }

    fn readImages(self: *Line) Refusal!void {
        const change = &self.change;
        const is_removal = (change.event orelse return error.Declined) == .REMOVE;
        try self.reader.pass('{');
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const member = std.meta.stringToEnum(ImagesMember, try self.reader.name()) orelse {
                try self.reader.passValue(2);
                continue;
            };
            switch (member) {
                .ApproximateCreationDateTime => {
                    if (change.creation_time != null) return error.Declined;
                    change.creation_time = try self.reader.natural();
                },
                .ApproximateCreationDateTimePrecision => {
                    if (change.precision != null) return error.Declined;
                    const unit = (try self.reader.string()).spelling;
                    change.precision = if (std.mem.eql(u8, unit, "MICROSECOND"))
                        .microsecond
                    else if (std.mem.eql(u8, unit, "MILLISECOND"))
                        .millisecond
                    else
                        return error.Declined;
                },
                .Keys => {
                    if (change.keys_at != null) return error.Declined;
                    change.keys_at = self.reader.at;
                    keys.put(self.reader, &self.key) catch return error.Declined;
                },
                .NewImage => {
                    if (change.has_new_image) return error.Declined;
                    change.has_new_image = true;
                    if (self.reader.passesWord("null")) continue;
                    if (is_removal) return error.Declined;
                    try self.putImage(self.reader);
                },
                .OldImage => {
                    if (change.has_old_image) return error.Declined;
                    change.has_old_image = true;
                    if (!is_removal) {
                        try self.reader.passValue(2);
                    } else if (!self.reader.passesWord("null")) {
                        try self.putImage(self.reader);
                    }
                },
            }
        }
    }

    fn putImage(self: *Line, place: *Reader) Refusal!void {
        var image: Image = .{
            .reader = place,
            .writer = self.writer,
            .names = self.names,
            .options = self.options,
        };
        self.change.columns = try image.putColumns();
    }

    fn nonEmpty(self: *Line) error{Declined}!reader.Text {
        const text = try self.reader.string();
        if (text.spelling.len == 0) return error.Declined;
        return text;
    }

    /// Says whether the identity that comes next is that of DynamoDB's Time to Live (Amazon DynamoDB Developer Guide,
    /// "DynamoDB Streams and Time to Live"). An identity that is more than text is declined.
    fn isTimeToLive(self: *Line) error{Declined}!bool {
        var of_type: ?[]const u8 = null;
        var principal: ?[]const u8 = null;
        try self.reader.pass('{');
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const name = try self.reader.name();
            const text = try self.reader.string();
            if (text.has_escapes) return error.Declined;
            if (std.mem.eql(u8, name, "type")) {
                if (of_type != null) return error.Declined;
                of_type = text.spelling;
            } else if (std.mem.eql(u8, name, "principalId")) {
                if (principal != null) return error.Declined;
                principal = text.spelling;
            }
        }
        return std.mem.eql(u8, of_type orelse "", "Service") and
            std.mem.eql(u8, principal orelse "", "dynamodb.amazonaws.com");
    }

    /// Writes the columns that describe the change.
    fn putHead(self: *Line, head: *Writer, sequence_number: []const u8) Refusal!void {
        const change = &self.change;
        const event = change.event orelse return error.Declined;
        const creation_time = change.creation_time orelse return error.Declined;
        const instant = try instants.microseconds(creation_time, change.precision orelse .unknown);
        try head.put("{\"cdc_event\":\"");
        try head.put(@tagName(event));
        try head.put("\",\"cdc_event_id\":");
        try head.putString(.json, change.event_id orelse return error.Declined);
        try head.put(",\"cdc_table\":");
        try head.putString(.json, change.table orelse try tableOf(change.source_arn orelse return error.Declined));
        try head.put(",\"cdc_changed_at\":\"");
        try instants.put(head, instant);
        try head.put("\",\"cdc_changed_at_us\":");
        try head.putNatural(instant);
        try head.put(",\"cdc_sequence_number\":");
        if (sequence_number.len == 0) {
            try head.put("null");
        } else {
            try head.putByte('"');
            try head.put(sequence_number);
            try head.putByte('"');
        }
        try head.put(",\"cdc_key\":\"");
        try head.put(self.key.written());
        try head.put("\",\"cdc_ttl\":");
        try head.put(if (event == .REMOVE and change.is_ttl) "true" else "false");
    }
};

/// Returns the name in a table's ARN, or in that of its stream.
fn tableOf(arn: []const u8) error{Declined}!reader.Text {
    var parts = std.mem.splitScalar(u8, arn, ':');
    const scheme = parts.next() orelse "";
    _ = parts.next();
    const service = parts.next() orelse "";
    _ = parts.next();
    _ = parts.next();
    const resource = parts.rest();
    if (!std.mem.eql(u8, scheme, "arn") or !std.mem.eql(u8, service, "dynamodb")) return error.Declined;
    if (!std.mem.startsWith(u8, resource, "table/")) return error.Declined;
    const path = resource["table/".len..];
    const end = std.mem.indexOfAny(u8, path, "/:") orelse path.len;
    if (end == 0 or (end < path.len and path[end] == ':')) return error.Declined;
    return .{ .spelling = path[0..end], .has_escapes = false };
}
