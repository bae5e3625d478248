//! Change record -> line of the lake. In the record the event's name must come before the images, as in both envelopes.

const std = @import("std");
const instants = @import("instants.zig");
const keys = @import("keys.zig");
const metadata = @import("metadata.zig");
const Column = metadata.Column;
const reader = @import("reader.zig");
const Reader = reader.Reader;
const Writer = @import("writer.zig").Writer;
const Hash = @import("names.zig").Hash;
const Names = @import("names.zig").Names;
const Shapes = @import("shapes.zig").Shapes;
const Entry = @import("table_settings.zig").Entry;
const Image = @import("image.zig").Image;
pub const Options = @import("image.zig").Options;

const Error = error{ Declined, NoRoom };

const Event = enum { INSERT, MODIFY, REMOVE };

/// Memory for one record: its names so far, and the parts of its line that are written before their place is known; and
/// what the caller is told of the lines. It must be all zeros before the first record.
pub const Workspace = extern struct {
    shapes: Shapes,
    names: Names,
    key: [32_768]u8,
    metadata: [65_536]u8,
};

/// What a change record holds beside its images. A record that has one of these members twice is declined.
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
    old_image_at: ?usize = null,
    /// Whether an image with attributes was read. A change without one has the columns of its key.
    has_attributes: bool = false,
    columns: usize = 0,
};

/// Writes the line of one change record, ended by a newline. On an error the caller discards what was written.
pub fn putLine(
    document: []const u8,
    sequence_number: []const u8,
    options: Options,
    workspace: *Workspace,
    writer: *Writer,
) Error!void {
    if (!std.unicode.utf8ValidateSlice(document)) return error.Declined;
    if (reader.leadingDigits(sequence_number).len != sequence_number.len) return error.Declined;
    workspace.names.startRecord();
    var place: Reader = .{ .document = document };
    var line: Line = .{
        .reader = &place,
        .writer = writer,
        .key = .{ .buffer = &workspace.key },
        .names = &workspace.names,
        .shapes = &workspace.shapes,
        .options = options,
    };
    try line.readChange();
    if (!place.atEnd()) return error.Declined;
    var first_columns: Writer = .{ .buffer = &workspace.metadata };
    line.putMetadata(&first_columns, sequence_number) catch return error.Declined;
    try writer.putBefore(first_columns.written());
    try writer.put("}\n");
    workspace.shapes.addLine(line.change.columns);
}

const Line = struct {
    reader: *Reader,
    writer: *Writer,
    key: Writer,
    names: *Names,
    shapes: *Shapes,
    options: Options,
    /// The settings of the change's table.
    table: Entry = .{},
    change: Change = .{},

    const Member = enum { eventName, eventID, dynamodb, tableName, eventSourceARN, userIdentity };
    const ImagesMember = enum {
        ApproximateCreationDateTime,
        ApproximateCreationDateTimePrecision,
        Keys,
        NewImage,
        OldImage,
    };

    fn readChange(self: *Line) Error!void {
        const change = &self.change;
        try self.reader.consume('{');
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const member = std.meta.stringToEnum(Member, try self.reader.name()) orelse {
                try self.reader.skipValue(1);
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
                    change.event_id = try self.nonEmptyString();
                },
                .tableName => {
                    if (change.table != null) return error.Declined;
                    change.table = try self.nonEmptyString();
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
                    if (!self.reader.tryConsumeWord("null")) change.is_ttl = try self.isTimeToLive();
                },
                .dynamodb => {
                    if (change.has_images) return error.Declined;
                    change.has_images = true;
                    try self.findTable();
                    try self.readImages();
                },
            }
        }
        const keys_at = change.keys_at orelse return error.Declined;
        if (!change.has_attributes) {
            var place: Reader = .{ .document = self.reader.document, .at = keys_at };
            try self.putImage(&place);
        }
        if (change.old_image_at) |at| {
            var place: Reader = .{ .document = self.reader.document, .at = at };
            try self.putBefore(&place);
        }
    }

    /// Finds the settings of the change's table, which must be named before its images if any table has settings.
    fn findTable(self: *Line) error{Declined}!void {
        const tables = self.options.tables;
        if (tables.inside.len == 0) return;
        const name = self.change.table orelse return error.Declined;
        if (name.has_escapes) return error.Declined;
        self.table = try tables.find(name.spelling);
    }

    fn readImages(self: *Line) Error!void {
        const change = &self.change;
        const event = change.event orelse return error.Declined;
        const is_removal = event == .REMOVE;
        try self.reader.consume('{');
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const member = std.meta.stringToEnum(ImagesMember, try self.reader.name()) orelse {
                try self.reader.skipValue(2);
                continue;
            };
            switch (member) {
                .ApproximateCreationDateTime => {
                    if (change.creation_time != null) return error.Declined;
                    change.creation_time = try self.reader.unsignedInteger();
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
                    keys.put(self.reader, self.table, self.options.mask, &self.key) catch return error.Declined;
                },
                .NewImage => {
                    if (change.has_new_image) return error.Declined;
                    change.has_new_image = true;
                    if (self.reader.tryConsumeWord("null")) continue;
                    if (is_removal) return error.Declined;
                    try self.putImage(self.reader);
                },
                .OldImage => {
                    if (change.has_old_image) return error.Declined;
                    change.has_old_image = true;
                    if (!is_removal) {
                        if (event == .MODIFY and self.table.hasBefore()) {
                            // All other columns come first, and in the real stream's order they are there already.
                            if (change.has_attributes) {
                                try self.putBefore(self.reader);
                                continue;
                            }
                            change.old_image_at = self.reader.at;
                        }
                        try self.reader.skipValue(2);
                    } else if (!self.reader.tryConsumeWord("null")) {
                        try self.putImage(self.reader);
                    }
                },
            }
        }
    }

    fn putImage(self: *Line, place: *Reader) Error!void {
        var image = self.imageAt(place);
        self.change.has_attributes = try image.putColumns();
        self.change.columns = image.columns;
    }

    /// Writes the column of the old image that comes next, unless it is null.
    fn putBefore(self: *Line, place: *Reader) Error!void {
        if (place.tryConsumeWord("null")) return;
        try self.writer.put(",\"" ++ metadata.before ++ "\":");
        var image = self.imageAt(place);
        try image.putText();
        self.change.columns += 1;
        _ = self.shapes.tell(Hash.of(metadata.before).value, metadata.before);
    }

    fn imageAt(self: *Line, place: *Reader) Image {
        return .{
            .reader = place,
            .writer = self.writer,
            .names = self.names,
            .shapes = self.shapes,
            .options = self.options,
            .table = self.table,
        };
    }

    fn nonEmptyString(self: *Line) error{Declined}!reader.Text {
        const text = try self.reader.string();
        if (text.spelling.len == 0) return error.Declined;
        return text;
    }

    /// Says whether the identity that comes next is that of DynamoDB's Time to Live (Amazon DynamoDB Developer Guide,
    /// "DynamoDB Streams and Time to Live"). An identity with any member that is no string is declined.
    fn isTimeToLive(self: *Line) error{Declined}!bool {
        var identity_type: ?[]const u8 = null;
        var principal: ?[]const u8 = null;
        try self.reader.consume('{');
        var is_first = true;
        while (try self.reader.hasNext(is_first, '}')) : (is_first = false) {
            const name = try self.reader.name();
            const text = try self.reader.string();
            if (text.has_escapes) return error.Declined;
            if (std.mem.eql(u8, name, "type")) {
                if (identity_type != null) return error.Declined;
                identity_type = text.spelling;
            } else if (std.mem.eql(u8, name, "principalId")) {
                if (principal != null) return error.Declined;
                principal = text.spelling;
            }
        }
        return std.mem.eql(u8, identity_type orelse "", "Service") and
            std.mem.eql(u8, principal orelse "", "dynamodb.amazonaws.com");
    }

    /// Writes the columns that describe the change, and the opening brace of the line before them.
    fn putMetadata(self: *Line, writer: *Writer, sequence_number: []const u8) Error!void {
        const change = &self.change;
        const event = change.event orelse return error.Declined;
        const creation_time = change.creation_time orelse return error.Declined;
        const instant = try instants.microseconds(creation_time, change.precision orelse .unknown);
        inline for (comptime std.enums.values(Column), 0..) |column, number| {
            try writer.put((if (number == 0) "{" else ",") ++ "\"" ++ @tagName(column) ++ "\":");
            switch (column) {
                .cdc_event => try writer.putQuoted(@tagName(event)),
                .cdc_event_id => try writer.putString(.json, change.event_id orelse return error.Declined),
                .cdc_table => try writer.putString(
                    .json,
                    change.table orelse try tableInArn(change.source_arn orelse return error.Declined),
                ),
                .cdc_changed_at => {
                    try writer.putQuote(.json);
                    try instants.put(writer, instant);
                    try writer.putQuote(.json);
                },
                .cdc_changed_at_us => try writer.putUnsignedInteger(instant),
                .cdc_sequence_number => if (sequence_number.len == 0)
                    try writer.put("null")
                else
                    try writer.putQuoted(sequence_number),
                .cdc_key => try writer.putQuoted(self.key.written()),
                .cdc_ttl => try writer.put(if (event == .REMOVE and change.is_ttl) "true" else "false"),
            }
        }
    }
};

/// Returns the table's name in the ARN of a table or of its stream.
fn tableInArn(arn: []const u8) error{Declined}!reader.Text {
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
