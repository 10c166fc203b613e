//! What each kind of statement does to the schema. The cases are functions of a check, so that the
//! same scripts can be run against a server, too.

mod alter;
mod indexes;
mod objects;
mod opaque;
mod tables;
mod types;

use expect_test::Expect;

pub(super) use self::alter::CASES as ALTER;
pub(super) use self::indexes::CASES as INDEXES;
pub(super) use self::objects::CASES as OBJECTS;
pub(super) use self::opaque::CASES as OPAQUE;
pub(super) use self::tables::CASES as TABLES;
pub(super) use self::types::CASES as TYPES;
use crate::dialect::Dialect;
use crate::replay::testing::replayed;

/// Takes a script and the schema that it makes.
pub(super) type Check<'a> = &'a dyn Fn(&str, &Expect);

fn check(sql: &str, expected: &Expect) {
    expected.assert_eq(&replayed(Dialect::Postgres, sql));
}
