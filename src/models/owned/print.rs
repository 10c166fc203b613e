//! stub
use super::OwnedTable;
/// stub
pub struct Known;
/// stub
pub fn attributes(_: &OwnedTable) -> String { String::new() }
