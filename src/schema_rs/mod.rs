//! `schema.rs`: a catalog as the file that `diesel print-schema` (2.3) prints for the same
//! database and settings, and edits in place of a file that people also write in. Values in,
//! values out: which files there are, and who writes them, is decided elsewhere.

mod block;
mod compare;
mod infer;
mod lists;
mod merge;
mod names;
mod outline;
mod pattern;
mod print;
mod settings;
mod text;
mod types;

pub use self::compare::differences;
pub use self::merge::{Merged, Sides, merge};
pub use self::pattern::Pattern;
pub use self::settings::{Docs, Filter, SameQuery, Section, Settings, Shape, sections};
use crate::catalog::Catalog;

/// A printed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    pub text: String,
    /// What is not in it although the database has it, or is in it although a patch takes it out:
    /// sentences for people.
    pub notes: Vec<String>,
    /// Whether the patch did not fit.
    pub is_unpatched: bool,
}

/// The whole file. `patch` is the patch file's name and text; one that does not fit is named and
/// left out.
pub fn print(catalog: &Catalog, settings: &Settings, patch: Option<(&str, &str)>) -> Printed {
    let schema = infer::infer(catalog, settings);
    let mut printed = Printed { text: print::file(&schema, settings), notes: schema.refused, is_unpatched: false };
    if let Some((name, patch)) = patch {
        match patched(&printed.text, patch) {
            Ok(text) => printed.text = text,
            Err(why) => {
                printed.notes.push(format!("{name} is not applied: {why}"));
                printed.is_unpatched = true;
            }
        }
    }
    printed
}

/// The text with a unified diff applied, as diesel_cli applies its `patch_file`.
fn patched(text: &str, patch: &str) -> Result<String, String> {
    let patch = diffy::Patch::from_str(patch).map_err(|error| error.to_string())?;
    diffy::apply(text, &patch).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
