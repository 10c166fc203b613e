//! Edits of a text by its bytes: items come and go on lines of their own with the indentation of
//! their neighbours, and the blank lines between them stay as they were.

use std::ops::Range;

/// Edits of one text that do not overlap.
#[derive(Debug)]
pub(super) struct Edits<'a> {
    text: &'a str,
    edits: Vec<(Range<usize>, String)>,
}

/// Where a new item goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    After(Range<usize>),
    Before(Range<usize>),
    End,
}

/// The slot of item `at` of a list, of which some items are in the text: behind the nearest one
/// before it, else in front of the nearest one after it.
pub(super) fn slot(order: &[Option<Range<usize>>], at: usize) -> Slot {
    let (before, after) = order.split_at(at);
    let before = before.iter().rev().flatten().next().cloned().map(Slot::After);
    before.or_else(|| after.iter().flatten().next().cloned().map(Slot::Before)).unwrap_or(Slot::End)
}

/// An item's text, later lines without the indentation of the first.
pub(super) fn dedented(text: &str, item: &Range<usize>) -> String {
    let indent = indentation(text, item.start);
    let lines = text[item.clone()].lines().map(|line| line.strip_prefix(indent).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The white space in front of the line that `at` stands in.
fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    let end = line.find(|c: char| c != ' ' && c != '\t').unwrap_or(line.len());
    &line[..end]
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

impl<'a> Edits<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, edits: Vec::new() }
    }

    /// The text with all edits.
    pub(super) fn apply(mut self) -> String {
        // The sort keeps the order of insertions at one place.
        self.edits.sort_by_key(|(range, _)| range.start);
        let crlf = self.text.contains("\r\n");
        let (mut text, mut at) = (String::new(), 0);
        for (range, new) in &self.edits {
            // Two neighbours that go may both take the blank line between them.
            text.push_str(&self.text[at..range.start.max(at)]);
            text.push_str(&if crlf { new.replace('\n', "\r\n") } else { new.clone() });
            at = range.end.max(at);
        }
        text + &self.text[at..]
    }

    pub(super) fn replace(&mut self, range: Range<usize>, new: impl Into<String>) {
        self.edits.push((range, new.into()));
    }

    /// Puts a comma behind a list's last item, once.
    pub(super) fn end_with_comma(&mut self, at: usize) {
        let edit = (at..at, ",".to_owned());
        if !self.edits.contains(&edit) {
            self.edits.push(edit);
        }
    }

    /// A new item, apart from its neighbours by a blank line or not.
    pub(super) fn insert(&mut self, slot: Slot, item: &str, apart: bool) {
        let gap = if apart { "\n" } else { "" };
        let (at, new) = match slot {
            Slot::After(neighbour) => match self.lines(&neighbour) {
                Some(lines) => {
                    let end = if self.text[..lines.end].ends_with('\n') { "" } else { "\n" };
                    (lines.end, format!("{end}{gap}{}", self.like(&neighbour, item)))
                }
                None => (neighbour.end, format!(" {}", one_line(item))),
            },
            Slot::Before(neighbour) => match self.starts_line(&neighbour) {
                Some(start) => (start, format!("{}{gap}", self.like(&neighbour, item))),
                None => (neighbour.start, format!("{} ", one_line(item))),
            },
            Slot::End => {
                let end = if self.text.is_empty() || self.text.ends_with('\n') { "" } else { "\n" };
                let gap = if self.text.trim().is_empty() { "" } else { gap };
                (self.text.len(), format!("{end}{gap}{item}\n"))
            }
        };
        self.replace(at..at, new);
    }

    /// Removes an item with its lines, and one of the blank lines around it where it stood apart.
    pub(super) fn remove(&mut self, item: &Range<usize>, apart: bool) {
        let Some(mut lines) = self.lines(item) else {
            let rest = &self.text[item.end..];
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            return self.replace(item.start..item.end + blanks, "");
        };
        let is_blank = |line: &str| line.trim().is_empty();
        if apart {
            let next = self.text[lines.end..].split_inclusive('\n').next();
            let last = self.text[..lines.start].strip_suffix('\n').map(|above| line_start(self.text, above.len()));
            if let Some(start) = last.filter(|start| is_blank(&self.text[*start..lines.start])) {
                lines.start = start;
            } else if let Some(next) = next.filter(|line| is_blank(line)) {
                lines.end += next.len();
            }
        }
        self.replace(lines, "");
    }

    /// The whole lines of an item that shares them with nothing but a comment behind it.
    fn lines(&self, item: &Range<usize>) -> Option<Range<usize>> {
        let start = self.starts_line(item)?;
        let end = self.text[item.end..].find('\n').map_or(self.text.len(), |newline| item.end + newline + 1);
        let rest = self.text[item.end..end].trim();
        (rest.is_empty() || rest.starts_with("//")).then_some(start..end)
    }

    /// The start of an item's line, where nothing stands in front of the item.
    fn starts_line(&self, item: &Range<usize>) -> Option<usize> {
        let start = line_start(self.text, item.start);
        self.text[start..item.start].trim().is_empty().then_some(start)
    }

    /// An item's lines with the indentation of a neighbour.
    fn like(&self, neighbour: &Range<usize>, item: &str) -> String {
        let indent = indentation(self.text, neighbour.start);
        item.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") }).collect()
    }
}

fn one_line(item: &str) -> String {
    item.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
