//! `metadata.toml` of a revision, read the way Diesel reads it, so that what Diesel would misread
//! is found: a file without `run_in_transaction` means *false* to Diesel, and one that it cannot
//! parse silently means *true* (`migrations_internals::TomlMetadata`). Our own keys stand in the
//! table `[ops-migrate]`, which Diesel ignores.

mod batch;

use std::fmt::Write as _;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use self::batch::{Batch, DEFAULT_SIZE};
use super::Note;
use crate::error::{Error, Result};
use crate::place::{Place, line_at};

/// The table that holds our keys.
pub const TABLE: &str = "ops-migrate";

const TRANSACTION: &str = "run_in_transaction";
const KEYS: [&str; 10] =
    ["revision", "revises", "message", "created", "irreversible", "lossy", "lossy_down", "data", "batch", "repair"];

/// What `metadata.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Diesel's own key.
    pub run_in_transaction: bool,
    /// The identity; only revisions made by this tool have one here.
    pub revision: Option<String>,
    /// The identities of the parents; none for the first revision, several for a merge.
    pub revises: Vec<String>,
    /// What the author gave to `create`.
    pub message: Option<String>,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// Why it cannot be reverted.
    pub irreversible: Option<String>,
    /// What its `up.sql` loses, in words.
    pub lossy: Vec<String>,
    /// What `down.sql` loses although it brings the schema back, such as which rows had a value that
    /// goes.
    pub lossy_down: Vec<String>,
    /// Whether it moves data.
    pub data: bool,
    /// How it goes through a table piece by piece.
    pub batch: Option<Batch>,
    /// What it puts right in a database that is not as the revisions before it say; where a database
    /// is, it changes nothing, so that a replay leaves it out.
    pub repair: Option<String>,
}

/// A revision that nothing is known about, as Diesel takes one without the file.
impl Default for Metadata {
    fn default() -> Self {
        Self {
            run_in_transaction: true,
            revision: None,
            revises: Vec::new(),
            message: None,
            created: None,
            irreversible: None,
            lossy: Vec::new(),
            lossy_down: Vec::new(),
            data: false,
            batch: None,
            repair: None,
        }
    }
}

/// Metadata with what messages about it need.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Parsed {
    pub metadata: Metadata,
    /// The line of `revision`, else 0.
    pub revision_line: u32,
    /// The line of `revises`, else that of `revision`.
    pub revises_line: u32,
    pub warnings: Vec<Note>,
}

/// Reads the text of `file`.
///
/// # Errors
/// With the line, where Diesel would misread it or one of our keys has a wrong type or value.
pub fn parse(text: &str, file: &str) -> Result<Parsed> {
    let source = Source { text, file };
    let table = DeTable::parse(text).map_err(|error| {
        let reason = error.message().split('\n').next().unwrap_or_default().to_owned();
        source
            .error(error.span().unwrap_or(0..0), format!("not TOML: {reason}"))
            .hint("Diesel skips such a file without a word and runs the revision in a transaction")
    })?;
    let table = table.get_ref();
    let mut parsed = Parsed::default();
    parsed.metadata.run_in_transaction = source.transaction(table)?;
    if let Some(ours) = table.get(TABLE) {
        source.ours(ours, &mut parsed)?;
    }
    Ok(parsed)
}

impl Metadata {
    /// The text of a `metadata.toml`; `run_in_transaction` always stands in it, and first.
    pub fn render(&self) -> String {
        let text = |value: &Option<String>| value.as_deref().map(quoted);
        let revises = match self.revises.as_slice() {
            [] => None,
            [one] => Some(quoted(one)),
            several => Some(list(several)),
        };
        let lines = [
            ("revision", text(&self.revision)),
            ("revises", revises),
            ("message", text(&self.message)),
            ("created", text(&self.created)),
            ("irreversible", text(&self.irreversible)),
            ("lossy", (!self.lossy.is_empty()).then(|| list(&self.lossy))),
            ("lossy_down", (!self.lossy_down.is_empty()).then(|| list(&self.lossy_down))),
            ("data", self.data.then(|| "true".to_owned())),
            ("repair", text(&self.repair)),
        ];
        let ours: String =
            lines.iter().filter_map(|(key, value)| value.as_ref().map(|value| format!("{key} = {value}\n"))).collect();
        let batch = self.batch.as_ref().map(Batch::render).unwrap_or_default();
        let transaction = format!("{TRANSACTION} = {}\n", self.run_in_transaction);
        match ours.as_str() {
            "" => transaction + &batch,
            ours => format!("{transaction}\n[{TABLE}]\n{ours}{batch}"),
        }
    }
}

/// The text of a `metadata.toml` with another parent; the rest of it keeps its bytes.
///
/// # Errors
/// As for [`parse`].
pub fn with_parent(text: &str, file: &str, parent: &str) -> Result<String> {
    with_parents(text, file, &quoted(parent))
}

/// The same with another one in the place of one of them; `None` where it is none of them.
///
/// # Errors
/// As for [`parse`].
pub fn with_parent_instead(text: &str, file: &str, old: &str, new: &str) -> Result<Option<String>> {
    let mut parents = parse(text, file)?.metadata.revises;
    let Some(parent) = parents.iter_mut().find(|parent| *parent == old) else { return Ok(None) };
    *parent = new.to_owned();
    let value = if let [one] = parents.as_slice() { quoted(one) } else { list(&parents) };
    with_parents(text, file, &value).map(Some)
}

fn with_parents(text: &str, file: &str, parents: &str) -> Result<String> {
    // Diesel would misread it: said in the words of a reader.
    parse(text, file)?;
    let Ok(table) = DeTable::parse(text) else { return Ok(text.to_owned()) };
    let ours = table.get_ref().get(TABLE).and_then(|ours| ours.get_ref().as_table());
    let value = |key: &str| ours.and_then(|ours| Some(ours.get(key)?.span()));
    let (at, new) = match (value("revises"), value("revision")) {
        (Some(span), _) => (span, parents.to_owned()),
        (None, Some(span)) => (span.end..span.end, format!("\nrevises = {parents}")),
        // Diesel's own: its parent is the one before.
        (None, None) => return Ok(text.to_owned()),
    };
    let mut new_text = text.to_owned();
    new_text.replace_range(at, &new);
    Ok(new_text)
}

/// The file that is read, for messages.
struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Source<'_> {
    fn error(&self, span: Range<usize>, message: impl Into<String>) -> Error {
        Error::undecided(message).at(self.place(&span))
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::at_offset(self.file, self.text, span.start)
    }

    /// The line alone: asked for every file of a chain, where a place is made for a message.
    fn line(&self, span: &Range<usize>) -> u32 {
        line_at(self.text, span.start)
    }

    fn transaction(&self, table: &DeTable<'_>) -> Result<bool> {
        let value = table.get(TRANSACTION);
        self.misspelt(table, value.is_some())?;
        let Some(value) = value else { return Err(self.no_transaction(table)) };
        match value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            other => Err(self
                .error(value.span(), format!("`{TRANSACTION}` is {} and has to be true or false", kind_of(other)))
                .hint("Diesel skips such a file without a word and runs the revision in a transaction")),
        }
    }

    /// A key that is meant to be Diesel's and is not. Where Diesel's own is missing, the guess may
    /// be bolder.
    fn misspelt(&self, table: &DeTable<'_>, present: bool) -> Result<()> {
        let near = |key: &str| {
            // A length too far off is a distance too far off, and costs nothing.
            let may_be = key.len().abs_diff(TRANSACTION.len()) <= 4;
            if present && !may_be {
                return false;
            }
            let key = key.to_lowercase().replace('-', "_");
            (may_be && strsim::levenshtein(&key, TRANSACTION) <= 4) || (!present && key.contains("transaction"))
        };
        let found = table.keys().find(|key| key.get_ref() != TRANSACTION && near(key.get_ref()));
        match found {
            None => Ok(()),
            Some(key) => Err(self
                .error(key.span(), format!("`{}` means nothing to Diesel; its key is `{TRANSACTION}`", key.get_ref()))
                .hint("a file without that key makes Diesel run the revision outside a transaction")),
        }
    }

    fn no_transaction(&self, table: &DeTable<'_>) -> Error {
        let inside = table.iter().find_map(|(name, value)| {
            let (key, _) = value.get_ref().as_table()?.get_key_value(TRANSACTION)?;
            Some((name.get_ref(), key.span()))
        });
        match inside {
            Some((name, span)) => {
                let message =
                    format!("`{TRANSACTION}` stands in the table `{name}`, where Diesel does not look: it reads false");
                self.error(span, message).hint(format!("move the line to the top of the file, above `[{name}]`"))
            }
            None => Error::undecided(format!("`{TRANSACTION}` is missing: Diesel reads that as false"))
                .at(Place::new(self.file, 1, 1))
                .hint(format!("add `{TRANSACTION} = true` as the first line (or `= false`, if that is meant)")),
        }
    }

    fn ours(&self, value: &Value<'_>, parsed: &mut Parsed) -> Result<()> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(
                self.error(value.span(), format!("`{TABLE}` is {} and has to be a table", kind_of(value.get_ref())))
            );
        };
        for (key, value) in table.iter() {
            self.one_of_ours(key, value, parsed)?;
        }
        if parsed.revises_line == 0 {
            parsed.revises_line = parsed.revision_line;
        } else if parsed.metadata.revision.is_none() {
            return Err(Error::undecided("`revises` needs a `revision` beside it")
                .at(Place::new(self.file, parsed.revises_line, 1))
                .hint("without one the revision counts as made by Diesel and follows the one before it"));
        }
        Ok(())
    }

    fn one_of_ours(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
        parsed: &mut Parsed,
    ) -> Result<()> {
        let name: &str = key.get_ref();
        let metadata = &mut parsed.metadata;
        match name {
            "revision" => {
                metadata.revision = Some(self.identity(name, value)?);
                parsed.revision_line = self.line(&key.span());
            }
            "revises" => {
                metadata.revises = self.strings(name, value, true)?;
                parsed.revises_line = self.line(&key.span());
            }
            "message" => metadata.message = Some(self.string(name, value)?),
            "created" => metadata.created = Some(self.time(name, value)?),
            "irreversible" => metadata.irreversible = Some(self.string(name, value)?),
            "repair" => metadata.repair = Some(self.string(name, value)?),
            "lossy" => metadata.lossy = self.strings(name, value, false)?,
            "lossy_down" => metadata.lossy_down = self.strings(name, value, false)?,
            "data" => match value.get_ref() {
                DeValue::Boolean(data) => metadata.data = *data,
                other => return Err(self.wrong(name, value.span(), other, "true or false")),
            },
            "batch" if !metadata.run_in_transaction => {
                return Err(self
                    .error(key.span(), "a revision in batches needs `run_in_transaction = true`")
                    .hint("each batch is a transaction; Diesel itself runs all of it in one"));
            }
            "batch" => metadata.batch = Some(self.batch(value)?),
            unknown => parsed.warnings.extend(self.stranger(unknown, &key.span())),
        }
        Ok(())
    }

    /// A key of a later version of this tool is fine; one that is nearly ours is told.
    fn stranger(&self, key: &str, span: &Range<usize>) -> Option<Note> {
        let near = KEYS.iter().find(|known| strsim::levenshtein(key, known) <= 2)?;
        Some(Note { text: format!("`{key}` has no meaning; is it `{near}`?"), place: self.place(span) })
    }

    fn identity(&self, key: &str, value: &Value<'_>) -> Result<String> {
        let text = self.string(key, value)?;
        if is_identity(&text) {
            return Ok(text);
        }
        Err(self.error(value.span(), format!("`{key}` is \"{text}\" and has to be 12 digits of 0-9a-f")))
    }

    fn string(&self, key: &str, value: &Value<'_>) -> Result<String> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            other => Err(self.wrong(key, value.span(), other, "a string")),
        }
    }

    fn time(&self, key: &str, value: &Value<'_>) -> Result<String> {
        match value.get_ref() {
            DeValue::Datetime(time) => Ok(time.to_string()),
            _ => self.string(key, value),
        }
    }

    fn strings(&self, key: &str, value: &Value<'_>, one_is_fine: bool) -> Result<Vec<String>> {
        match value.get_ref() {
            DeValue::Array(values) => values.iter().map(|value| self.string(key, value)).collect(),
            DeValue::String(text) if one_is_fine => Ok(vec![text.to_string()]),
            other if one_is_fine => Err(self.wrong(key, value.span(), other, "a string or a list of strings")),
            other => Err(self.wrong(key, value.span(), other, "a list of strings")),
        }
    }

    fn wrong(&self, key: &str, span: Range<usize>, value: &DeValue<'_>, wanted: &str) -> Error {
        self.error(span, format!("`{key}` is {} and has to be {wanted}", kind_of(value)))
    }
}

/// Whether a text is an identity of ours: 12 lower case hex digits.
pub fn is_identity(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {
                let _infallible = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::{Metadata, parse};

    fn check(text: &str, expected: Expect) {
        let found = match parse(text, "m/1_a/metadata.toml") {
            Ok(parsed) => {
                let notes: String = parsed.warnings.iter().map(|n| format!("\n{}: {}", n.place, n.text)).collect();
                format!("{:?}{notes}", parsed.metadata)
            }
            Err(error) => format!("{error:?}"),
        };
        expected.assert_eq(&found);
    }

    #[test]
    fn another_parent_and_the_rest_as_it_was() {
        let text = |revises: &str| {
            format!(
                "# why\nrun_in_transaction = false\n\n[ops-migrate]\nrevision = '0123456789ab' # id\n{revises}data = true\n"
            )
        };
        let cases = [
            ("revises = 'a' # b\n", text("revises = \"new\" # b\n")),
            ("revises = [\n  'a',\n  'b',\n]\n", text("revises = \"new\"\n")),
            ("", text("").replace("ab' # id", "ab'\nrevises = \"new\" # id")),
        ];
        for (revises, expected) in cases {
            assert_eq!(super::with_parent(&text(revises), "m", "new").unwrap(), expected);
        }
        let diesel = "run_in_transaction = true\n";
        assert_eq!(super::with_parent(diesel, "m", "new").unwrap(), diesel);
        assert!(super::with_parent("", "m", "new").is_err());
    }

    #[test]
    fn what_diesel_reads_right() {
        check(
            "run_in_transaction = false\n",
            expect![
                "Metadata { run_in_transaction: false, revision: None, revises: [], message: None, created: None, irreversible: None, lossy: [], lossy_down: [], data: false, batch: None, repair: None }"
            ],
        );
        check(
            "other = 1\nrun_in_transaction = true\n[ops-migrate]\nrevision = '0123456789ab'\nrevises = ['a', 'b']\ncreated = 2026-01-01T00:00:00Z\nlossy = ['x']\ndata = true\nfuture = 1\nirreversable = ''\n",
            expect![[r#"
                Metadata { run_in_transaction: true, revision: Some("0123456789ab"), revises: ["a", "b"], message: None, created: Some("2026-01-01T00:00:00Z"), irreversible: None, lossy: ["x"], lossy_down: [], data: true, batch: None, repair: None }
                m/1_a/metadata.toml:10: `irreversable` has no meaning; is it `irreversible`?"#]],
        );
    }

    #[test]
    fn what_diesel_misreads() {
        check(
            "",
            expect![[
                r#"m/1_a/metadata.toml:1: `run_in_transaction` is missing: Diesel reads that as false (Undecided; hints: ["add `run_in_transaction = true` as the first line (or `= false`, if that is meant)"])"#
            ]],
        );
        check(
            "# why not\n",
            expect![[
                r#"m/1_a/metadata.toml:1: `run_in_transaction` is missing: Diesel reads that as false (Undecided; hints: ["add `run_in_transaction = true` as the first line (or `= false`, if that is meant)"])"#
            ]],
        );
        check(
            "\nrun_in_transactions = true\n",
            expect![[
                r#"m/1_a/metadata.toml:2: `run_in_transactions` means nothing to Diesel; its key is `run_in_transaction` (Undecided; hints: ["a file without that key makes Diesel run the revision outside a transaction"])"#
            ]],
        );
        check(
            "Run-In-Transaction = true\n",
            expect![[
                r#"m/1_a/metadata.toml:1: `Run-In-Transaction` means nothing to Diesel; its key is `run_in_transaction` (Undecided; hints: ["a file without that key makes Diesel run the revision outside a transaction"])"#
            ]],
        );
        check(
            "transaction = false\n",
            expect![[
                r#"m/1_a/metadata.toml:1: `transaction` means nothing to Diesel; its key is `run_in_transaction` (Undecided; hints: ["a file without that key makes Diesel run the revision outside a transaction"])"#
            ]],
        );
        check(
            "run_in_transaction = true\nrun_in_transation = false\n",
            expect![[
                r#"m/1_a/metadata.toml:2: `run_in_transation` means nothing to Diesel; its key is `run_in_transaction` (Undecided; hints: ["a file without that key makes Diesel run the revision outside a transaction"])"#
            ]],
        );
        check(
            "run_in_transaction = \"false\"\n",
            expect![[
                r#"m/1_a/metadata.toml:1: `run_in_transaction` is a string and has to be true or false (Undecided; hints: ["Diesel skips such a file without a word and runs the revision in a transaction"])"#
            ]],
        );
        check(
            "# a\nrun_in_transaction = False\n",
            expect![[
                r#"m/1_a/metadata.toml:2: not TOML: invalid boolean, expected `false` (Undecided; hints: ["Diesel skips such a file without a word and runs the revision in a transaction"])"#
            ]],
        );
        check(
            "run_in_transaction: true\n",
            expect![[
                r#"m/1_a/metadata.toml:1: not TOML: key with no value, expected `=` (Undecided; hints: ["Diesel skips such a file without a word and runs the revision in a transaction"])"#
            ]],
        );
        check(
            "[ops-migrate]\nrevision = '0123456789ab'\nrun_in_transaction = true\n",
            expect![[
                r#"m/1_a/metadata.toml:3: `run_in_transaction` stands in the table `ops-migrate`, where Diesel does not look: it reads false (Undecided; hints: ["move the line to the top of the file, above `[ops-migrate]`"])"#
            ]],
        );
        check(
            "run_in_transaction = true\nrun_in_transaction = true\n",
            expect![[
                r#"m/1_a/metadata.toml:2: not TOML: duplicate key (Undecided; hints: ["Diesel skips such a file without a word and runs the revision in a transaction"])"#
            ]],
        );
    }

    #[test]
    fn our_own_keys_with_wrong_values() {
        let check = |rest: &str, expected: Expect| check(&format!("run_in_transaction = true\n{rest}"), expected);
        check(
            "ops-migrate = 1\n",
            expect!["m/1_a/metadata.toml:2: `ops-migrate` is a number and has to be a table (Undecided; hints: [])"],
        );
        check(
            "[ops-migrate]\nrevision = 'xyz'\n",
            expect![[
                r#"m/1_a/metadata.toml:3: `revision` is "xyz" and has to be 12 digits of 0-9a-f (Undecided; hints: [])"#
            ]],
        );
        check(
            "[ops-migrate]\nrevises = 'a'\n",
            expect![[
                r#"m/1_a/metadata.toml:3: `revises` needs a `revision` beside it (Undecided; hints: ["without one the revision counts as made by Diesel and follows the one before it"])"#
            ]],
        );
        check(
            "[ops-migrate]\nrevision = '0123456789ab'\nrevises = 1\n",
            expect![
                "m/1_a/metadata.toml:4: `revises` is a number and has to be a string or a list of strings (Undecided; hints: [])"
            ],
        );
        check(
            "[ops-migrate]\nlossy = 'a'\n",
            expect![
                "m/1_a/metadata.toml:3: `lossy` is a string and has to be a list of strings (Undecided; hints: [])"
            ],
        );
        check(
            "[ops-migrate]\nlossy = [1]\n",
            expect!["m/1_a/metadata.toml:3: `lossy` is a number and has to be a string (Undecided; hints: [])"],
        );
        check(
            "[ops-migrate]\ndata = 'yes'\n",
            expect!["m/1_a/metadata.toml:3: `data` is a string and has to be true or false (Undecided; hints: [])"],
        );
        check(
            "[ops-migrate]\nmessage = 1\n",
            expect!["m/1_a/metadata.toml:3: `message` is a number and has to be a string (Undecided; hints: [])"],
        );
    }

    #[test]
    fn rendered() {
        assert_eq!(Metadata::default().render(), "run_in_transaction = true\n");
        let metadata = Metadata {
            run_in_transaction: false,
            revision: Some("0123456789ab".to_owned()),
            revises: vec!["ba9876543210".to_owned()],
            message: Some("say \"hi\"".to_owned()),
            created: Some("2026-01-01T00:00:00Z".to_owned()),
            ..Metadata::default()
        };
        expect![[r#"
            run_in_transaction = false

            [ops-migrate]
            revision = "0123456789ab"
            revises = "ba9876543210"
            message = "say \"hi\""
            created = "2026-01-01T00:00:00Z"
        "#]]
        .assert_eq(&metadata.render());
    }

    fn texts() -> impl Strategy<Value = Option<String>> {
        proptest::option::of(any::<String>())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            run_in_transaction: bool, id in "[0-9a-f]{12}", revises in proptest::collection::vec("[0-9a-f]{1,12}", 0..3),
            message in texts(), created in texts(), irreversible in texts(),
            lossy in proptest::collection::vec(any::<String>(), 0..3),
            lossy_down in proptest::collection::vec(any::<String>(), 0..3), data: bool,
        ) {
            let metadata = Metadata { run_in_transaction, revision: Some(id), revises, message, created, irreversible, lossy, lossy_down, data, batch: None, repair: None };
            let text = metadata.render();
            prop_assert!(text.starts_with("run_in_transaction = "));
            prop_assert_eq!(parse(&text, "metadata.toml").unwrap().metadata, metadata);
        }
    }
}
