//! Files that were read, and places in them.

use serde::Serialize;

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes `start..end` in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset after the last byte; equal to `start` for an empty place.
    pub end: u32,
}

impl Span {
    /// Returns the smallest span that holds `self` and `other`; `self` when they are in two files.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A value together with the place that it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Returns `value` at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }

    /// Returns `f(value)` at the same place.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// Serialises as the value alone: places are for diagnostics, not for output.
impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// A 1-based line and column (in characters), as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters.
    pub column: usize,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The name shown to the user, as they would write it.
    pub name: String,
    /// The whole text.
    pub text: String,
    line_starts: Vec<u32>,
}

/// All files that were read in one run.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and returns its id. Text over 4 GiB is cut (loaders refuse it long before).
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let mut line_starts = vec![0];
        for (index, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                line_starts.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
        self.files.push(SourceFile { name: name.into(), text, line_starts });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// Returns the file of an id that [`SourceMap::add`] of this map returned.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Returns a span of bytes `start..end` of `file`.
    pub fn span(&self, file: FileId, start: usize, end: usize) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file, start: clamp(start), end: clamp(end) }
    }

    /// Returns the text of a span; empty where the span does not fit the file.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Returns line and column of the start of `span`.
    pub fn position(&self, span: Span) -> Position {
        self.position_of(span.file, span.start)
    }

    /// Returns line and column of the end of `span`.
    pub fn end_position(&self, span: Span) -> Position {
        self.position_of(span.file, span.end)
    }

    fn position_of(&self, file: FileId, offset: u32) -> Position {
        let source = self.file(file);
        let line = source.line_starts.partition_point(|start| *start <= offset).max(1);
        let from = source.line_starts[line - 1] as usize;
        let before = source.text.as_bytes().get(from..offset as usize).unwrap_or_default();
        // Counting the bytes that start a character avoids slicing inside one.
        let column = before.iter().filter(|byte| (**byte as i8) >= -0x40).count() + 1;
        Position { line, column }
    }

    /// Returns `name:line:column` of the start of `span`.
    pub fn location(&self, span: Span) -> String {
        let position = self.position(span);
        format!("{}:{}:{}", self.file(span.file).name, position.line, position.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", "é: 1\nname: x\n");
        assert_eq!(sources.position(sources.span(file, 2, 3)), Position { line: 1, column: 2 });
        assert_eq!(sources.location(sources.span(file, 12, 13)), "a.yaml:2:7");
        assert_eq!(sources.position(sources.span(file, 14, 14)), Position { line: 3, column: 1 });
    }

    #[test]
    fn spans_join_within_a_file_only() {
        let mut sources = SourceMap::default();
        let (a, b) = (sources.add("a", "xxxx"), sources.add("b", "yyyy"));
        let first = sources.span(a, 1, 2);
        assert_eq!(first.to(sources.span(a, 3, 4)), sources.span(a, 1, 4));
        assert_eq!(first.to(sources.span(b, 0, 4)), first);
    }
}
