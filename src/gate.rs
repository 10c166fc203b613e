//! The gate's one rule: block if and only if an item in which this tree's models differ from every
//! parent's models is not satisfied by what the revisions in this same tree produce.

use crate::catalog::{Catalog, Name};
use crate::models::{Agreed, Change, Models, Satisfied, changes, differences, drift, satisfied, unsatisfied};

/// What the gate answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What blocks: changes that no revision carries, and the chains that lack them.
    pub missing: Vec<Missing>,
    /// Differences that were there before; they never block.
    pub inherited: Vec<Change>,
    /// What could not be decided, and why; it never blocks.
    pub unsure: Vec<(Change, String)>,
    /// What the project has agreed on, and whether that is still needed.
    pub standing: Vec<Standing>,
}

/// An agreement of the project's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub agreed: Agreed,
    /// Whether models and revisions still differ in it.
    pub is_needed: bool,
}

impl Standing {
    /// In a sentence, with what to do about it.
    pub fn describe(&self) -> String {
        let item = &self.agreed.item;
        match (&self.agreed.reason, self.is_needed) {
            (None, true) => format!(
                "deferred drop: {item} has left the models and not the revisions; when its time has come, take it out of deferred-drops and write the revision"
            ),
            (None, false) => format!("deferred-drops names {item}, and nothing waits for it: take it out"),
            (Some(reason), true) => format!("exception: {item} ({reason})"),
            (Some(_), false) => format!("the exception for {item} is not needed: take it out"),
        }
    }
}

/// A change that a chain does not carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub change: Change,
    /// The migrations directories that lack it.
    pub groups: Vec<String>,
}

/// The catalog that one chain of the tree produces.
#[derive(Debug, Clone)]
pub struct Produced<'a> {
    pub directory: &'a str,
    pub catalog: &'a Catalog,
}

impl Verdict {
    /// Whether the tree must not be recorded.
    pub fn blocks(&self) -> bool {
        !self.missing.is_empty()
    }
}

/// The changes in which a tree's models differ from every parent's. Without parents (a first
/// commit) everything is a change.
pub fn own_changes(tree: &Models, parents: &[&Models]) -> Vec<Change> {
    let Some((first, others)) = parents.split_first() else {
        return changes(&Models::default(), tree);
    };
    let mut own = changes(first, tree);
    for parent in others {
        let theirs = changes(parent, tree);
        own = own.into_iter().flat_map(|change| in_both(change, &theirs)).collect();
    }
    own
}

/// What of a change is also a change seen from another parent: the change itself; for a table that
/// the other parent has in part, the part that it lacks.
fn in_both(change: Change, theirs: &[Change]) -> Vec<Change> {
    if theirs.iter().any(|other| other.key() == change.key()) {
        return vec![change];
    }
    match &change {
        Change::Own { owned } => {
            theirs.iter().filter(|other| other.table() == Some(&owned.table.name)).cloned().collect()
        }
        Change::AddTable { table } => {
            theirs.iter().filter(|other| other.table() == Some(&table.name)).cloned().collect()
        }
        // A column that the other parent lacks with its whole table, or has otherwise.
        Change::AddColumn { table, column } => {
            if theirs.iter().any(|other| matches!(other, Change::AddTable { table: new } if new.name == *table)) {
                return vec![change];
            }
            theirs.iter().filter(|other| other.changed_column() == Some((table, &column.name))).cloned().collect()
        }
        _ => {
            let is_new_there = theirs.iter().any(|other| match other {
                Change::AddTable { table } => Some(&table.name) == change.table(),
                Change::AddColumn { table, column } => change.changed_column() == Some((table, &column.name)),
                _ => false,
            });
            if is_new_there { vec![change] } else { Vec::new() }
        }
    }
}

/// Judges a tree: its own changes against what each of its chains produces.
pub fn verdict(models: &Models, own: &[Change], produced: &[Produced<'_>]) -> Verdict {
    let mut verdict = Verdict::default();
    for chain in produced {
        verdict.add(of_chain(models, own, chain));
    }
    verdict
}

fn of_chain(models: &Models, own: &[Change], chain: &Produced<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for change in unsatisfied(own, chain.catalog).into_iter().filter(|change| models.asks_for(change)) {
        match satisfied(&change, chain.catalog) {
            Satisfied::Yes => {}
            Satisfied::Unsure(reason) => verdict.unsure.push((change, reason)),
            Satisfied::No => verdict.missing.push(Missing { change, groups: vec![chain.directory.to_owned()] }),
        }
    }
    verdict.inherited = drift(models, chain.catalog);
    verdict.inherited.retain(|change| !own.iter().any(|o| o.covers(change)));
    verdict.standing = standing(models, chain.catalog);
    verdict
}

/// What the project has agreed on, beside what a chain gives.
fn standing(models: &Models, catalog: &Catalog) -> Vec<Standing> {
    if models.agreed.is_empty() {
        return Vec::new();
    }
    let differences = differences(models, catalog);
    let is_needed = |agreed: &Agreed| {
        differences.iter().any(|change| agreed.covers(change)) || is_left_over(&agreed.item, models, catalog)
    };
    let stand = |agreed: &Agreed| Standing { is_needed: is_needed(agreed), agreed: agreed.clone() };
    models.agreed.iter().map(stand).collect()
}

/// Whether a chain has a table that the models do not mention: no difference says so.
fn is_left_over(item: &str, models: &Models, catalog: &Catalog) -> bool {
    let is_it = |name: &Name| name.to_string() == item;
    catalog.tables.keys().any(is_it) && !models.tables.keys().any(is_it)
}

impl Verdict {
    /// Adds what was found about another chain of the tree.
    pub fn add(&mut self, other: Self) {
        for missing in other.missing {
            match self.missing.iter_mut().find(|known| known.change.key() == missing.change.key()) {
                Some(known) => known.groups.extend(missing.groups),
                None => self.missing.push(missing),
            }
        }
        let new: Vec<Change> = other.inherited.into_iter().filter(|change| !self.inherited.contains(change)).collect();
        self.inherited.extend(new);
        self.unsure.extend(other.unsure);
        for standing in other.standing {
            match self.standing.iter_mut().find(|known| known.agreed == standing.agreed) {
                Some(known) => known.is_needed |= standing.is_needed,
                None => self.standing.push(standing),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Produced, own_changes, verdict};
    use crate::catalog::{Catalog, Name, Uncertain};
    use crate::dialect::Dialect;
    use crate::models::testing::models;
    use crate::models::{Agreed, Change, Models};
    use crate::place::Place;
    use crate::replay;

    const USERS: &str = "users: id Integer, nick Text";
    const USERS_SQL: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text NOT NULL);";

    fn catalog(sql: &str) -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        replay::apply(&mut catalog, sql, "up.sql").unwrap();
        catalog
    }

    fn described<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<String> {
        changes.into_iter().map(Change::describe).collect()
    }

    fn check_own(tree: &[&str], parents: &[&[&str]], expected: &[&str]) {
        let parents: Vec<Models> = parents.iter().map(|tables| models(tables)).collect();
        let own = own_changes(&models(tree), &parents.iter().collect::<Vec<_>>());
        assert_eq!(described(&own), expected, "{tree:?} against {parents:?}");
    }

    #[test]
    fn a_first_commit_answers_for_everything() {
        check_own(&[USERS], &[], &["+ users (2 columns)"]);
        check_own(&[USERS], &[&[]], &["+ users (2 columns)"]);
    }

    #[test]
    fn tables_of_the_engine_and_of_diesel_are_nobodys_change() {
        for own in ["pg_class: oid Oid", "pg_catalog.pg_class: oid Oid", "information_schema.tables: table_name Text"] {
            check_own(&[USERS, own], &[&[USERS]], &[]);
        }
        check_own(&[USERS, "__diesel_schema_migrations: version Text"], &[&[USERS]], &[]);
        check_own(&[USERS, "app.pg_copies: id Integer"], &[&[USERS]], &["+ app.pg_copies (1 column)"]);
    }

    #[test]
    fn one_parent_gives_what_differs_from_it() {
        check_own(&[USERS], &[&[USERS]], &[]);
        check_own(&["users: id Integer, nick Text, age Integer"], &[&[USERS]], &["+ users.age Integer"]);
        check_own(&[], &[&[USERS]], &["- users"]);
    }

    #[test]
    fn a_merge_answers_only_for_what_differs_from_both_parents() {
        // Each side brought one column.
        let (age, city) = ("users: id Integer, nick Text, age Integer", "users: id Integer, nick Text, city Text");
        let both = "users: id Integer, nick Text, age Integer, city Text";
        check_own(&[both], &[&[age], &[city]], &[]);
        // The merge itself brought a column, or another type, or dropped what both had.
        let more = "users: id Integer, nick Text, age Integer, city Text, zip Text";
        check_own(&[more], &[&[age], &[city]], &["+ users.zip Text"]);
        check_own(&["users: id BigInt, nick Text"], &[&[USERS], &[USERS]], &["~ users.id Integer -> BigInt"]);
        check_own(&["users: id Integer"], &[&[USERS], &[age]], &["- users.nick"]);
    }

    #[test]
    fn a_table_that_one_parent_lacks_is_seen_in_parts() {
        // The other side has the table without the column.
        check_own(&["users: id Integer, nick Text"], &[&[], &["users: id Integer"]], &["+ users.nick Text"]);
        check_own(&["users: id Integer, nick Text"], &[&["users: id Integer"], &[]], &["+ users.nick Text"]);
        // One parent lacks the column, the other has it in another form.
        let (lacks, nullable) = ("users: id Integer", "users: id Integer, nick Nullable<Text>");
        let expected = &["~ users.nick Nullable<Text> -> Text"];
        check_own(&[USERS], &[&[lacks], &[nullable]], expected);
        check_own(&[USERS], &[&[nullable], &[lacks]], expected);
    }

    /// The verdict about a tree with one parent, as lines.
    fn judged(before: &[&str], now: &[&str], chains: &[(&str, &Catalog)]) -> Vec<String> {
        let (before, now) = (models(before), models(now));
        let own = own_changes(&now, &[&before]);
        let produced: Vec<_> = chains.iter().map(|&(directory, catalog)| Produced { directory, catalog }).collect();
        let verdict = verdict(&now, &own, &produced);
        let mut lines = Vec::new();
        lines.extend(
            verdict.missing.iter().map(|m| format!("missing {} in {}", m.change.describe(), m.groups.join(", "))),
        );
        lines.extend(described(&verdict.inherited).iter().map(|change| format!("inherited {change}")));
        lines.extend(verdict.unsure.iter().map(|(change, reason)| format!("unsure {}: {reason}", change.describe())));
        assert_eq!(verdict.blocks(), !verdict.missing.is_empty());
        lines
    }

    fn check(before: &[&str], now: &[&str], sql: &str, expected: &[&str]) {
        assert_eq!(judged(before, now, &[("migrations", &catalog(sql))]), expected, "{now:?}");
    }

    #[test]
    fn a_change_blocks_until_a_revision_carries_it() {
        let now = "users: id Integer, nick Text, age Nullable<Integer>";
        check(&[USERS], &[now], USERS_SQL, &["missing + users.age Nullable<Integer> in migrations"]);
        check(&[USERS], &[now], &format!("{USERS_SQL} ALTER TABLE users ADD age integer;"), &[]);
        // There, but not as the models say.
        let wrong = format!("{USERS_SQL} ALTER TABLE users ADD age text;");
        check(&[USERS], &[now], &wrong, &["missing ~ users.age Nullable<Text> -> Nullable<Integer> in migrations"]);
    }

    #[test]
    fn drift_of_before_is_inherited() {
        let odd = "users: id Integer, nick Nullable<Text>";
        check(&[odd], &[odd], USERS_SQL, &["inherited ~ users.nick Text -> Nullable<Text>"]);
        // Beside a change of one's own it stays inherited.
        let now = "users: id Integer, nick Nullable<Text>, age Integer";
        let expected = &["missing + users.age Integer in migrations", "inherited ~ users.nick Text -> Nullable<Text>"];
        check(&[odd], &[now], USERS_SQL, expected);
    }

    #[test]
    fn what_a_chain_does_not_tell_is_unsure_and_does_not_block() {
        let mut doubtful = catalog(USERS_SQL);
        doubtful.uncertain.push(Uncertain {
            objects: [Name::new("users")].into(),
            words: [].into(),
            reason: "dynamic SQL".to_owned(),
            at: Place::file("up.sql"),
        });
        let now = "users: id Integer, nick Text, age Integer";
        let found = judged(&[USERS], &[now], &[("migrations", &doubtful)]);
        assert_eq!(found, ["unsure + users.age Integer: dynamic SQL"]);
    }

    #[test]
    fn what_is_not_followed_may_be_what_it_names() {
        let block = |sql: &str| catalog(&format!("{USERS_SQL} DO $$ BEGIN {sql} END $$;"));
        let found = |sql: &str, now: &str| judged(&[USERS], &[now], &[("migrations", &block(sql))]);
        let now = "users: id Integer, nick Text, age Integer";
        let unsure = ["unsure + users.age Integer: a DO block changes the schema"];
        let missing = ["missing + users.age Integer in migrations"];
        assert_eq!(found("EXECUTE 'drop index ' || i;", now), missing);
        assert_eq!(found("EXECUTE 'alter table ' || t || ' add age int';", now), unsure);
        assert_eq!(found("EXECUTE format('alter table %I add \"Age\" int', t);", now), unsure);
        // Names that are put together.
        let more = "users: id Integer, nick Text, age_2 Integer";
        let unsure = ["unsure + users.age_2 Integer: a DO block changes the schema"];
        assert_eq!(found("EXECUTE 'alter table ' || t || ' add age_' || i || ' int';", more), unsure);
        // A table is one that it names, or any of its parts.
        let people = "people: id Integer";
        let found = |sql: &str| judged(&[USERS], &[USERS, people], &[("migrations", &block(sql))]);
        assert_eq!(
            found("EXECUTE 'create table ' || 'people' || '(id int)';"),
            ["unsure + people (1 column): a DO block changes the schema"]
        );
        assert_eq!(found("EXECUTE 'drop index ' || i;"), ["missing + people (1 column) in migrations"]);
    }

    /// The verdict where the project has agreed on something: an item alone is a deferred drop.
    fn check_agreed(agreed: &[(&str, Option<&str>)], before: &str, now: &str, sql: &str, expected: &[&str]) {
        let (before, mut now) = (models(&[before]), models(&[now]));
        let agree = |&(item, reason): &(&str, Option<&str>)| Agreed {
            item: item.to_owned(),
            reason: reason.map(str::to_owned),
        };
        now.agreed = agreed.iter().map(agree).collect();
        let catalog = catalog(sql);
        let verdict =
            verdict(&now, &own_changes(&now, &[&before]), &[Produced { directory: "migrations", catalog: &catalog }]);
        let mut lines: Vec<String> =
            verdict.missing.iter().map(|missing| format!("missing {}", missing.change.describe())).collect();
        lines.extend(described(&verdict.inherited).iter().map(|change| format!("inherited {change}")));
        let short = |s: &super::Standing| s.describe().split(" has left").next().unwrap_or_default().to_owned();
        lines.extend(verdict.standing.iter().map(short));
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_the_project_has_agreed_on_does_not_block() {
        let less = "users: id Integer";
        check_agreed(&[], USERS, less, USERS_SQL, &["missing - users.nick"]);
        check_agreed(&[("users.nick", None)], USERS, less, USERS_SQL, &["deferred drop: users.nick"]);
        // It stays named until the revision is there, and then as one that is over.
        check_agreed(&[("users.nick", None)], less, less, USERS_SQL, &["deferred drop: users.nick"]);
        let dropped = format!("{USERS_SQL} ALTER TABLE users DROP COLUMN nick;");
        let over = &["deferred-drops names users.nick, and nothing waits for it: take it out"];
        check_agreed(&[("users.nick", None)], less, less, &dropped, over);
        // Only what is named, and only its drop.
        check_agreed(
            &[("users.nick", None)],
            USERS,
            "users: id Integer, nick Integer",
            USERS_SQL,
            &[
                "missing ~ users.nick Text -> Integer",
                "deferred-drops names users.nick, and nothing waits for it: take it out",
            ],
        );
        let odd = "users: id Integer, nick Integer";
        let why = ("users.nick", Some("read as a number"));
        check_agreed(&[why], USERS, odd, USERS_SQL, &["exception: users.nick (read as a number)"]);
        check_agreed(&[why], USERS, USERS, USERS_SQL, &["the exception for users.nick is not needed: take it out"]);
    }

    #[test]
    fn a_table_whose_drop_is_deferred() {
        let (tags, both) = ("tags: id Integer", format!("{USERS_SQL} CREATE TABLE tags (id integer PRIMARY KEY);"));
        let (before, mut now) = (models(&[USERS, tags]), models(&[USERS]));
        now.agreed.push(Agreed::deferred_drop("tags".to_owned()));
        let judged = |sql: &str| {
            let catalog = catalog(sql);
            let produced = [Produced { directory: "migrations", catalog: &catalog }];
            let verdict = verdict(&now, &own_changes(&now, &[&before]), &produced);
            (verdict.blocks(), verdict.standing[0].is_needed)
        };
        assert_eq!(judged(&both), (false, true));
        assert_eq!(judged(USERS_SQL), (false, false));
    }

    #[test]
    fn every_chain_has_to_carry_a_change() {
        let (plain, with_age) =
            (catalog(USERS_SQL), catalog(&format!("{USERS_SQL} ALTER TABLE users ADD age integer NOT NULL;")));
        let now = &["users: id Integer, nick Text, age Integer"];
        let check = |a: &Catalog, b: &Catalog, expected: &[&str]| {
            assert_eq!(judged(&[USERS], now, &[("migrations/a", a), ("migrations/b", b)]), expected);
        };
        check(&plain, &plain, &["missing + users.age Integer in migrations/a, migrations/b"]);
        check(&with_age, &plain, &["missing + users.age Integer in migrations/b"]);
        check(&with_age, &with_age, &[]);
    }
}
