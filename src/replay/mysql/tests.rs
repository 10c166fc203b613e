//! What each kind of statement does to the schema. The cases are functions of a check, so that the
//! same scripts can be run against a server, too: every one is what MariaDB 10.11 makes of it.

mod alter;
mod keys;
mod objects;
mod opaque;
mod tables;

use expect_test::Expect;

pub(super) use self::alter::CASES as ALTER;
pub(super) use self::keys::CASES as KEYS;
pub(super) use self::objects::CASES as OBJECTS;
pub(super) use self::opaque::CASES as OPAQUE;
pub(super) use self::tables::CASES as TABLES;
use crate::dialect::Dialect;
use crate::replay::testing::replayed;

/// Takes a script and the schema that it makes.
pub(super) type Check<'a> = &'a dyn Fn(&str, &Expect);

fn check(sql: &str, expected: &Expect) {
    expected.assert_eq(&replayed(Dialect::Mysql, sql));
}

#[test]
fn scripts_make_their_schema() {
    for case in [TABLES, KEYS, ALTER, OBJECTS, OPAQUE].into_iter().flatten() {
        case(&check);
    }
}
