//! The review of revisions: what a careful colleague would point at, worked out from the schema
//! before and after each statement, the way back, the rest of the chain and the models. A rule is a
//! file in `rules/` and a line in [`RULES`]; what a finding looks like on a screen is left to the
//! command, and what a statement does to a schema to the replay.
//!
//! To add a rule: copy a small one of `rules/`, give it the next free code of its group (see
//! [`rule::Rule::code`]), name it in `rules.rs`. Its examples are its tests and its documentation.

mod ahead;
mod allow;
mod baseline;
mod few;
mod finding;
mod lock;
mod mend;
mod near;
mod once;
mod one_row;
mod past;
mod refused;
pub mod report;
mod rows;
mod rule;
mod rules;
mod settings;
mod size;
mod step;
mod subject;
mod taken;
mod volatile;
mod walk;

#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod postgres_tests;
#[cfg(test)]
mod quiet_tests;
#[cfg(test)]
mod squawk_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use self::baseline::Baseline;
pub use self::finding::{Edit, Finding, Fix, Part, Severity};
pub use self::lock::{Lock, LockMode, Work};
pub use self::mend::{edited, mended_metadata, mends, with_transaction};
pub use self::rows::{Rows, SMALL};
pub use self::rule::{ALL, Example, POSTGRES, Report, Rule};
pub use self::rules::{RULES, find, nearest};
pub use self::settings::{PathRules, Settings};
pub use self::step::{Act, Step};
pub use self::subject::{Sibling, Subject, Way, World};
pub use self::walk::{Review, Reviewed, YOUNG, review};
