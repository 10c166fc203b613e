//! A place in a file, for messages.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in a text: the file's path as shown to people, line and column counted from 1.
/// Line 0 means the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// A place in `file`.
    pub fn new(file: impl Into<String>, line: u32, column: u32) -> Self {
        Self { file: file.into(), line, column }
    }

    /// The file as a whole.
    pub fn file(file: impl Into<String>) -> Self {
        Self::new(file, 0, 0)
    }

    /// The place of the byte at `offset` of `text`; the end where `offset` is beyond it.
    pub fn at_offset(file: impl Into<String>, text: &str, offset: usize) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let column = text[..end].rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        Self::new(file, line_at(text, end), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

/// Places of a text in their order, each found from the one before.
pub struct Places<'a> {
    file: &'a str,
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Places<'a> {
    /// Those of a text.
    pub fn of(file: &'a str, text: &'a str) -> Self {
        Self { file, text, at: 0, line: 1 }
    }

    /// The place of the byte at an offset, which is not before the last one.
    pub fn at(&mut self, offset: usize) -> Place {
        let between = self.text.get(self.at..offset).unwrap_or_default();
        self.line = self.line.saturating_add(line_at(between, between.len()) - 1);
        self.at = offset;
        let before = self.text.get(..offset).unwrap_or_default();
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        Place::new(self.file, self.line, u32::try_from(column).unwrap_or(u32::MAX))
    }
}

/// Where a line, counted from 1, ends in `text`, in bytes; at the end of the text where there is no such line.
pub fn line_end(text: &str, line: u32) -> usize {
    let nth = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    text.match_indices('\n').nth(nth).map_or(text.len(), |(at, _)| at)
}

/// The line, counted from 1, of the byte at `offset` of `text`; the last where `offset` is beyond it.
pub fn line_at(text: &str, offset: usize) -> u32 {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    u32::try_from(line).unwrap_or(u32::MAX)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}
