//! A script of a revision as it lies in the tree: text, state, checksum. What the statements in it
//! mean is left to `sql` and `replay`.

use sha2::{Digest, Sha256};

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::sql::tokens;
use crate::tree::Tree;

/// What there is in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// There is no such file.
    Missing,
    /// No bytes, or nothing but white space.
    Empty,
    /// Nothing but comments and white space.
    Comment,
    Statements,
}

/// A script and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The path in the tree.
    pub file: String,
    /// Without a byte order mark; empty where the file is missing.
    pub text: String,
    pub content: Content,
    /// Whether the file begins with a byte order mark, which PostgreSQL takes for a syntax error.
    pub byte_order_mark: bool,
}

impl Script {
    /// Reads a script; one that is not there is no error.
    ///
    /// # Errors
    /// Where it cannot be read or is not UTF-8, with file and line.
    pub fn read(tree: &dyn Tree, file: String) -> Result<Self> {
        let Some(bytes) = tree.read(&file)? else {
            return Ok(Self { file, text: String::new(), content: Content::Missing, byte_order_mark: false });
        };
        let text = utf8(bytes, &file)?;
        let (text, byte_order_mark) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (rest.to_owned(), true),
            None => (text, false),
        };
        let content = content_of(&text);
        Ok(Self { file, text, content, byte_order_mark })
    }

    /// The text where there is something to run. A comment is enough, as it is for Diesel.
    ///
    /// # Errors
    /// Where the file is missing or says nothing.
    pub fn runnable(self) -> Result<String> {
        let place = Place::file(&self.file);
        match self.content {
            Content::Comment | Content::Statements => Ok(self.text),
            Content::Missing => Err(Error::undecided("the file is missing")
                .at(place)
                .hint("write it, or say in a comment why it does nothing")),
            Content::Empty => {
                let message = match self.text.len() {
                    0 => "the file has no bytes, and Diesel refuses to run it",
                    _ => "the file has nothing but white space in it",
                };
                Err(Error::undecided(message).at(place).hint("write the SQL, or say in a comment why there is none"))
            }
        }
    }
}

/// The checksum of a script: SHA-256 in hex over the text as it means, so without byte order mark,
/// with `\n` for `\r\n` and without white space at the end.
pub fn checksum(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    hex(&Sha256::digest(text.trim_end().as_bytes()))
}

/// The checksum of what a script says: comments and white space do not count.
pub fn token_checksum(dialect: Dialect, text: &str) -> String {
    let mut hash = Sha256::new();
    for (_, token) in tokens(dialect, text) {
        hash.update(token.as_bytes());
        hash.update(b"\n");
    }
    hex(&hash.finalize())
}

/// Bytes as lower case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The text of a file.
///
/// # Errors
/// Where it is not UTF-8, with the line of the first wrong byte.
pub(super) fn utf8(bytes: Vec<u8>, file: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let before = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
        Error::undecided(format!("the file is not UTF-8: byte 0x{byte:02X}"))
            .at(Place::at_offset(file, &before, before.len()))
            .hint("save the file as UTF-8")
    })
}

fn content_of(text: &str) -> Content {
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Content::Empty;
    }
    while !rest.is_empty() {
        rest = match rest {
            line if line.starts_with("--") => line.split_once('\n').map_or("", |(_, rest)| rest),
            block if block.starts_with("/*") => after_block(block),
            _ => return Content::Statements,
        };
        rest = rest.trim_start();
    }
    Content::Comment
}

/// What follows a block comment; they nest in PostgreSQL, and one that never ends is a comment to
/// the end in SQLite.
fn after_block(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return &text[at..];
                }
            }
            _ => at += 1,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::{Content, Script, checksum};
    use crate::tree::MemTree;

    fn read(bytes: &[u8]) -> crate::error::Result<Script> {
        Script::read(&MemTree::new([("m/1_a/up.sql", bytes)]), "m/1_a/up.sql".to_owned())
    }

    #[test]
    fn the_state_of_a_script() {
        let cases: &[(&str, Content, Option<&str>)] = &[
            ("", Content::Empty, Some("m/1_a/up.sql: the file has no bytes, and Diesel refuses to run it")),
            (" \r\n\t", Content::Empty, Some("m/1_a/up.sql: the file has nothing but white space in it")),
            ("\u{feff}", Content::Empty, Some("m/1_a/up.sql: the file has no bytes, and Diesel refuses to run it")),
            ("-- why", Content::Comment, None),
            ("/* a /* b */ ; */ -- c\n", Content::Comment, None),
            ("/* open", Content::Comment, None),
            ("-- a\nSELECT 1", Content::Statements, None),
            ("/**/x", Content::Statements, None),
            ("-", Content::Statements, None),
        ];
        for (text, content, error) in cases {
            let script = read(text.as_bytes()).unwrap();
            assert_eq!(script.content, *content, "{text:?}");
            assert_eq!(script.runnable().err().map(|e| e.to_string()).as_deref(), *error);
        }
    }

    #[test]
    fn a_missing_script_and_one_that_is_not_utf8() {
        let missing = Script::read(&MemTree::default(), "m/1_a/down.sql".to_owned()).unwrap();
        assert_eq!(missing.content, Content::Missing);
        assert_eq!(missing.runnable().unwrap_err().to_string(), "m/1_a/down.sql: the file is missing");
        let error = read(b"SELECT 1;\n-- caf\xe9\n").unwrap_err();
        assert_eq!(error.to_string(), "m/1_a/up.sql:2: the file is not UTF-8: byte 0xE9");
    }

    #[test]
    fn a_checksum_is_blind_to_line_ends() {
        let plain = checksum("SELECT 1;\nSELECT 2;");
        for same in ["\u{feff}SELECT 1;\r\nSELECT 2;\r\n", "SELECT 1;\nSELECT 2;\n \n"] {
            assert_eq!(checksum(same), plain);
        }
        assert_ne!(checksum("SELECT 1; SELECT 2;"), plain);
        assert_eq!(checksum(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
