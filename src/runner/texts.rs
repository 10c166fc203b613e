//! The texts of a plan. A small plan has them with it; of a large one each is read again when its turn
//! comes, and is the one that was looked at before the run began, or the run ends there.

use std::borrow::Cow;

use super::{Step, check};
use crate::dialect::Dialect;
use crate::error::Result;

/// How many bytes of texts a plan keeps, and how many are read ahead.
const KEPT: usize = 2 << 20;

/// Gives an outlined step with the texts that it had when it was outlined, or says that they are others.
pub type Reader<'a> = &'a dyn Fn(&Step) -> Result<Step>;

/// Makes outlines of steps from where their texts are too many to be kept.
#[derive(Debug, Default)]
pub struct Outliner {
    kept: usize,
}

impl Outliner {
    /// The step as it was, or without its texts, which are looked at before.
    ///
    /// # Errors
    /// `Undecided` as for [`super::run`].
    pub fn outlined(&mut self, step: Step, dialect: Dialect) -> Result<Step> {
        // What one of them is there decides by its text whether it is atomic.
        if dialect == Dialect::Mysql || self.kept + size(&step) <= KEPT {
            self.kept += size(&step);
            return Ok(step);
        }
        check(&step, dialect)?;
        Ok(Step { sql: String::new(), down_sql: String::new(), is_outline: true, ..step })
    }
}

/// A step with its texts.
pub(super) fn full<'a>(step: &'a Step, texts: Option<Reader<'_>>) -> Result<Cow<'a, Step>> {
    match texts.filter(|_| step.is_outline) {
        Some(read) => read(step).map(Cow::Owned),
        None => Ok(Cow::Borrowed(step)),
    }
}

/// Steps with their texts, until those are large together; of one that cannot be read is told when its turn
/// comes.
pub(super) fn ahead<'a>(steps: impl Iterator<Item = &'a Step>, texts: Option<Reader<'_>>) -> Vec<Cow<'a, Step>> {
    let mut bytes = 0;
    let mut read = Vec::new();
    for step in steps {
        let Ok(step) = full(step, texts) else { break };
        bytes += size(&step);
        read.push(step);
        if is_much(bytes) {
            break;
        }
    }
    read
}

/// Whether so many bytes of texts are enough to be written and forgotten.
pub(super) fn is_much(bytes: usize) -> bool {
    bytes > KEPT
}

/// The bytes of its texts.
pub(super) fn size(step: &Step) -> usize {
    step.sql.len() + step.down_sql.len()
}
