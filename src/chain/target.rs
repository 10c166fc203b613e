//! Alembic's way to name revisions: `head`, `heads`, `base`, `current`, full and partial ids,
//! `+N`, `-N`, `rev+N`, `rev-N` and ranges `a:b`. A text is parsed once, then resolved against a
//! chain and the versions that a database has. Running the plan is left to the runner.

use super::resolve::Resolver;
use super::{Chain, Revision};
use crate::error::{Error, Result};

/// A parsed target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As written, for messages.
    pub(super) text: String,
    pub(super) anchor: Anchor,
    /// Steps from the anchor, negative towards the base.
    pub(super) steps: i64,
}

/// Where a target starts to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchor {
    Head,
    Heads,
    /// Before the first revision.
    Base,
    /// Where the database stands; also what a bare `+N` or `-N` counts from.
    Current,
    /// An id, version or directory name, or a prefix of one.
    Named(String),
}

/// A parsed range of `history`; both ends belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    text: String,
    from: Option<Target>,
    to: Option<Target>,
}

/// What a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// Which revisions to apply or to revert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<'a> {
    pub direction: Direction,
    /// In the order in which they run; empty where the database is there already.
    pub steps: Vec<&'a Revision>,
    /// Where the database will stand: the revision to end at when going back (`None`: the base),
    /// the last step or the target when going forward (`None` for several heads).
    pub target: Option<&'a Revision>,
    /// Going forward: the steps that sort before a revision that is applied.
    pub out_of_order: Vec<&'a Revision>,
    /// Applied versions that have no directory here, sorted.
    pub unknown: Vec<String>,
}

/// Parses a target.
///
/// # Errors
/// Where the text is none, with what it may have meant.
pub fn parse(text: &str) -> Result<Target> {
    let text = text.trim();
    if text.is_empty() {
        return Err(with_forms(Error::undecided("the target is empty")));
    }
    if text.contains(':') {
        return Err(Error::undecided(format!("`{text}` is a range, and one revision is needed")));
    }
    if text.contains('@') {
        return Err(Error::undecided(format!("`{text}`: there are no branch labels here"))
            .hint("name the revision; `cargo ops-migrate heads` lists the heads"));
    }
    let (name, steps) = split_steps(text)?;
    let anchor = match name {
        "" => Anchor::Current,
        "head" | "HEAD" => Anchor::Head,
        "heads" => Anchor::Heads,
        "base" => Anchor::Base,
        "current" => Anchor::Current,
        name => Anchor::Named(name.to_owned()),
    };
    if anchor == Anchor::Heads && steps != 0 {
        return Err(Error::undecided(format!("`{text}`: steps cannot be counted from several heads"))
            .hint("count from `head`, or from one revision"));
    }
    Ok(Target { text: text.to_owned(), anchor, steps })
}

/// Parses a range.
///
/// # Errors
/// Where the text is none, or an end of it is no target.
pub fn parse_range(text: &str) -> Result<Range> {
    let text = text.trim();
    let Some((from, to)) = text.split_once(':') else {
        let error = Error::undecided(format!("`{text}` is no range"));
        return Err(match split_steps(text) {
            Ok(("", steps)) if steps < 0 => error.hint(format!("the last ones before current: `{text}:current`")),
            _ => error.hint("a range is `from:to`, `from:` or `:to`, such as `-10:current`"),
        });
    };
    let end = |text: &str| match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some),
    };
    Ok(Range { text: text.to_owned(), from: end(from)?, to: end(to)? })
}

/// The name and the steps behind it. A text that only looks so (`2024-01-01-120000`) is told
/// apart when the chain is known.
fn split_steps(text: &str) -> Result<(&str, i64)> {
    let Some(at) = text.rfind(['+', '-']) else { return Ok((text, 0)) };
    let digits = &text[at + 1..];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return match at {
            0 => Err(with_forms(Error::undecided(format!("`{text}`: a number has to follow the sign")))),
            _ => Ok((text, 0)),
        };
    }
    // More digits than a number has: a name that ends so, or more steps than any chain.
    let steps = digits.parse::<i64>().unwrap_or(i64::MAX);
    Ok((&text[..at], if text[at..].starts_with('-') { -steps } else { steps }))
}

fn with_forms(error: Error) -> Error {
    error
        .hint("a target is `head`, `heads`, `base`, `current`, an id or the start of one, `+N`, `-N`, `id+N` or `id-N`")
}

impl Target {
    /// One revision back, what `rollback` does without a target.
    pub fn one_back() -> Self {
        Self { text: "-1".to_owned(), anchor: Anchor::Current, steps: -1 }
    }

    /// `head`, what `upgrade` does without a target.
    pub fn head() -> Self {
        Self { text: "head".to_owned(), anchor: Anchor::Head, steps: 0 }
    }

    /// Whether it means something else for every database.
    pub fn needs_current(&self) -> bool {
        self.anchor == Anchor::Current
    }

    /// The one revision meant, as `show` needs it; `None` for the base.
    ///
    /// # Errors
    /// Where there is none or where there are several.
    pub fn resolve<'a>(&self, chain: &'a Chain, applied: &[String]) -> Result<Option<&'a Revision>> {
        let cx = Resolver::new(chain, applied);
        let at = match self.anchor {
            Anchor::Heads => cx.head()?,
            Anchor::Current => self.walk_from_current(&cx)?,
            _ => self.walk(&cx)?.0,
        };
        Ok(at.map(|at| &chain.revisions[at]))
    }

    /// The revisions meant; more than one only for `heads`, and for `current` where a database
    /// stands on several. None for the base.
    ///
    /// # Errors
    /// Where there is no such revision.
    pub fn resolve_all<'a>(&self, chain: &'a Chain, applied: &[String]) -> Result<Vec<&'a Revision>> {
        match (&self.anchor, self.steps) {
            (Anchor::Heads, _) => Ok(chain.heads()),
            (Anchor::Current, 0) => Ok(chain.current(applied)),
            _ => Ok(self.resolve(chain, applied)?.into_iter().collect()),
        }
    }

    /// What `upgrade` has to apply: whatever the target builds on and the database lacks.
    ///
    /// # Errors
    /// Where the target is unknown, ambiguous, or lies behind; where fewer revisions are pending
    /// than steps asked for.
    pub fn resolve_upgrade<'a>(&self, chain: &'a Chain, applied: &[String]) -> Result<Plan<'a>> {
        let cx = Resolver::new(chain, applied);
        let targets = match self.anchor {
            Anchor::Heads => chain.heads.clone(),
            Anchor::Current if self.steps < 0 => {
                return Err(self.wrong_way("upgrade", "forward", "rollback", -self.steps));
            }
            Anchor::Current => return cx.next(self),
            _ => match self.walk(&cx)?.0 {
                Some(at) => vec![at],
                None if chain.is_empty() && self.anchor == Anchor::Head => Vec::new(),
                None => {
                    return Err(Error::undecided(format!(
                        "`{}` is before the first revision: nothing to upgrade to",
                        self.text
                    ))
                    .hint("to revert every revision: `cargo ops-migrate rollback base`"));
                }
            },
        };
        Ok(cx.up(&targets))
    }

    /// What `rollback` has to revert, so that the database ends at the target, which stays.
    /// `rev-N` reverts those N revisions and what builds on them, so that it can also take one of
    /// several heads away.
    ///
    /// # Errors
    /// Where the target is unknown, ambiguous, not applied, or lies ahead; where fewer revisions
    /// are applied than steps asked for.
    pub fn resolve_rollback<'a>(&self, chain: &'a Chain, applied: &[String]) -> Result<Plan<'a>> {
        let cx = Resolver::new(chain, applied);
        match self.anchor {
            Anchor::Heads => {
                return Err(Error::undecided("a rollback ends at one revision, and `heads` are all")
                    .hint("name the revision to end at, or `-1` for one back"));
            }
            Anchor::Current if self.steps > 0 => return Err(self.wrong_way("rollback", "back", "upgrade", self.steps)),
            Anchor::Current => return cx.last(self),
            _ => {}
        }
        let (end, path) = self.walk(&cx)?;
        if let Some(end) = end
            && !cx.applied[end]
        {
            return Err(cx.not_applied(end));
        }
        let mut marks = match (end, path.as_slice()) {
            (_, [_, ..]) => chain.descendant_marks(&path),
            (None, []) => vec![true; chain.revisions.len()],
            (Some(end), []) => chain.descendant_marks(&[end]),
        };
        if let Some(end) = end {
            marks[end] = false;
        }
        Ok(cx.down(&marks, end))
    }

    fn wrong_way(&self, command: &str, way: &str, other: &str, steps: i64) -> Error {
        let sign = if command == "upgrade" { '-' } else { '+' };
        let error = Error::undecided(format!("`{command} {}`: {command} goes {way} only", self.text));
        error.hint(format!("the other way: `cargo ops-migrate {other} {sign}{steps}`"))
    }

    /// The revision reached (`None`: the base) and those left behind on a walk towards the base.
    fn walk(&self, cx: &Resolver<'_>) -> Result<(Option<usize>, Vec<usize>)> {
        let (start, steps) = match &self.anchor {
            Anchor::Named(name) => match self.steps {
                0 => (Some(cx.find(name)?), 0),
                steps => match cx.candidates(&self.text).as_slice() {
                    [] => (Some(cx.find(name)?), steps),
                    _ => (Some(cx.find(&self.text)?), 0),
                },
            },
            Anchor::Head => (cx.head()?, self.steps),
            _ => (None, self.steps),
        };
        match steps {
            0 => Ok((start, Vec::new())),
            steps if steps < 0 => cx.back(&self.text, start, steps.unsigned_abs()),
            steps => Ok((cx.forward(&self.text, start, steps.unsigned_abs())?, Vec::new())),
        }
    }

    fn walk_from_current(&self, cx: &Resolver<'_>) -> Result<Option<usize>> {
        let start = cx.one_current(&self.text)?;
        match self.steps {
            steps if steps < 0 => Ok(cx.back(&self.text, start, steps.unsigned_abs())?.0),
            steps => cx.forward(&self.text, start, steps.unsigned_abs()),
        }
    }
}

impl Range {
    /// Whether it means something else for every database.
    pub fn needs_current(&self) -> bool {
        [&self.from, &self.to].into_iter().flatten().any(Target::needs_current)
    }

    /// The revisions of the range in the order of application. Steps that lead beyond an end of
    /// the chain stop there; `-N` in front of the colon is counted from current, so that
    /// `-10:current` is current and the ten before it.
    ///
    /// # Errors
    /// Where an end is unknown or ambiguous, or the ends are the wrong way round.
    pub fn resolve<'a>(&self, chain: &'a Chain, applied: &[String]) -> Result<Vec<&'a Revision>> {
        let cx = Resolver::new(chain, applied);
        let to = match &self.to {
            None => chain.heads.clone(),
            Some(target) => cx.end(target)?,
        };
        let mut marks = chain.ancestor_marks(&to);
        if let Some(target) = &self.from {
            let from = cx.end(target)?;
            self.check_order(&cx, &from, &to)?;
            // Behind a walk that was cut short at the base stands no revision: all belong to it.
            if let Some(first) = from.iter().min() {
                // Steps back are counted in the order of application, across what a merge joins.
                let later = match target.steps < 0 {
                    true => (0..marks.len()).map(|at| at >= *first).collect(),
                    false => chain.descendant_marks(&from),
                };
                marks.iter_mut().zip(later).for_each(|(mark, later)| *mark &= later);
            }
        }
        Ok(chain.revisions.iter().zip(marks).filter_map(|(revision, marked)| marked.then_some(revision)).collect())
    }

    fn check_order(&self, cx: &Resolver<'_>, from: &[usize], to: &[usize]) -> Result<()> {
        let reached = cx.chain.ancestor_marks(to);
        if from.is_empty() || from.iter().any(|&at| reached[at]) {
            return Ok(());
        }
        let error = Error::undecided(format!("`{}`: its start is not among what its end builds on", self.text));
        let turned = cx.chain.ancestor_marks(from);
        Err(match self.text.split_once(':') {
            Some((from, to_text)) if to.iter().all(|&at| turned[at]) => {
                error.hint(format!("the other way round: `{}:{}`", to_text.trim(), from.trim()))
            }
            _ => error.hint("the two are on different branches"),
        })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::{Plan, Target, parse, parse_range};
    use crate::chain::tests::sketch;
    use crate::chain::{Chain, Revision};
    use crate::error::{Error, Result};

    const LINE: &[&str] =
        &["2025-01-01-000000_diesel", "a after 20250101000000", "b after a", "c after b", "d after c"];
    const FORK: &[&str] = &["a after base", "b after a", "c after a", "d after b"];
    const JOIN: &[&str] = &["a after base", "b after a", "c after a", "d after b,c", "e after d"];

    fn short(revision: &Revision) -> &str {
        if revision.ours { &revision.id[..1] } else { "0" }
    }

    fn names<'a>(revisions: impl IntoIterator<Item = &'a Revision>) -> String {
        revisions.into_iter().map(short).collect::<Vec<_>>().join(" ")
    }

    fn told(error: &Error) -> String {
        format!("{error} [{}] {}", error.kind.exit_code(), error.hints.join(" | "))
    }

    fn planned(plan: Result<Plan<'_>>) -> String {
        match plan {
            Err(error) => told(&error),
            Ok(plan) => {
                let mut out = format!("{} => {}", names(plan.steps), plan.target.map_or("-", short));
                if !plan.out_of_order.is_empty() {
                    out += &format!(" late: {}", names(plan.out_of_order));
                }
                if !plan.unknown.is_empty() {
                    out += &format!(" unknown: {}", plan.unknown.join(" "));
                }
                out
            }
        }
    }

    /// Resolves each text against a chain of which the revisions in `applied` are applied.
    fn check(
        lines: &[&str],
        applied: &str,
        texts: &str,
        resolve: fn(&Chain, &[String], &str) -> String,
        expected: Expect,
    ) {
        let chain = Chain::load(&sketch(lines), "migrations").unwrap();
        let version = |name: &str| {
            let known = chain.revisions().iter().find(|revision| short(revision) == name);
            known.map_or(name.to_owned(), |revision| revision.version.clone())
        };
        let applied: Vec<String> = applied.split_whitespace().map(version).collect();
        let table: String =
            texts.split(' ').map(|text| format!("{text}: {}\n", resolve(&chain, &applied, text))).collect();
        expected.assert_eq(&table);
    }

    fn up(chain: &Chain, applied: &[String], text: &str) -> String {
        planned(parse(text).and_then(|target| target.resolve_upgrade(chain, applied)))
    }

    fn down(chain: &Chain, applied: &[String], text: &str) -> String {
        planned(parse(text).and_then(|target| target.resolve_rollback(chain, applied)))
    }

    fn show(chain: &Chain, applied: &[String], text: &str) -> String {
        match parse(text).and_then(|target| target.resolve_all(chain, applied)) {
            Ok(found) => names(found),
            Err(error) => told(&error),
        }
    }

    fn range(chain: &Chain, applied: &[String], text: &str) -> String {
        match parse_range(text).and_then(|range| range.resolve(chain, applied)) {
            Ok(found) => names(found),
            Err(error) => told(&error),
        }
    }

    #[test]
    fn texts_that_are_no_target() {
        check(
            LINE,
            "",
            " + -x a:b label@head heads-1",
            show,
            expect![[r#"
            : the target is empty [2] a target is `head`, `heads`, `base`, `current`, an id or the start of one, `+N`, `-N`, `id+N` or `id-N`
            +: `+`: a number has to follow the sign [2] a target is `head`, `heads`, `base`, `current`, an id or the start of one, `+N`, `-N`, `id+N` or `id-N`
            -x: `-x`: a number has to follow the sign [2] a target is `head`, `heads`, `base`, `current`, an id or the start of one, `+N`, `-N`, `id+N` or `id-N`
            a:b: `a:b` is a range, and one revision is needed [2] 
            label@head: `label@head`: there are no branch labels here [2] name the revision; `cargo ops-migrate heads` lists the heads
            heads-1: `heads-1`: steps cannot be counted from several heads [2] count from `head`, or from one revision
        "#]],
        );
    }

    #[test]
    fn one_revision() {
        let texts = "head HEAD heads base current head-2 head-5 base+1 +1 -1 -2 current-2 current+2 aaa aaaaaaaaaaaa b+1 b-2 20250101 2025-01-01-000000 2025-01-01-000000_diesel migrations/2025-01-01-000000_diesel/ 20260101120001 2026-01-01-120003-c";
        check(
            LINE,
            "0 a",
            texts,
            show,
            expect![[r#"
            head: d
            HEAD: d
            heads: d
            base: 
            current: a
            head-2: b
            head-5: 
            base+1: 0
            +1: b
            -1: 0
            -2: 
            current-2: 
            current+2: c
            aaa: a
            aaaaaaaaaaaa: a
            b+1: c
            b-2: 0
            20250101: 0
            2025-01-01-000000: 0
            2025-01-01-000000_diesel: 0
            migrations/2025-01-01-000000_diesel/: 0
            20260101120001: a
            2026-01-01-120003-c: c
        "#]],
        );
    }

    #[test]
    fn revisions_that_are_not_there() {
        let texts = "2026 head-6 head+1 b+9 base-1 bbbx curent haed step diesel f00";
        check(
            LINE,
            "0 a",
            texts,
            show,
            expect![[r#"
            2026: `2026` may be any of 4 revisions: aaaaaaaaaaaa (step a), bbbbbbbbbbbb (step b), cccccccccccc (step c), dddddddddddd (step d) [2] write more of the id
            head-6: `head-6`: there are only 5 revisions before it [2] 
            head+1: `head+1`: there is no revision after it [2] 
            b+9: `b+9`: there are only 2 revisions after it [2] 
            base-1: `base-1`: there is no revision before it [2] 
            bbbx: there is no revision `bbbx` [2] is it bbbbbbbbbbbb (step b)?
            curent: there is no revision `curent` [2] is it `current`?
            haed: there is no revision `haed` [2] is it `head`?
            step: there is no revision `step` [2] is it aaaaaaaaaaaa (step a)?
            diesel: there is no revision `diesel` [2] is it 20250101000000 (diesel)?
            f00: there is no revision `f00` [2] `cargo ops-migrate history` lists the revisions
        "#]],
        );
        check(
            FORK,
            "a b c",
            "head heads current -1 a+1 b+1 c-1",
            show,
            expect![[r#"
                head: migrations: the chain has 2 heads: cccccccccccc (step c), dddddddddddd (step d) [4] name one of them, or write `heads` for all | put those that nobody else has behind the others: `cargo ops-migrate rebase`; where all are published: `cargo ops-migrate merge`
                heads: c d
                current: b c
                -1: `-1`: the database stands on 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them, such as `bbbbbbbbbbbb-1` or `cccccccccccc-1`
                a+1: `a+1`: after aaaaaaaaaaaa (step a) come 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them
                b+1: d
                c-1: a
            "#]],
        );
        check(
            JOIN,
            "a",
            "e-1 e-2 d-1 a+1 c+2",
            show,
            expect![[r#"
            e-1: d
            e-2: `e-2`: dddddddddddd (step d) joins 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them
            d-1: `d-1`: dddddddddddd (step d) joins 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them
            a+1: `a+1`: after aaaaaaaaaaaa (step a) come 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them
            c+2: e
        "#]],
        );
        check(
            &[],
            "",
            "head current base x",
            show,
            expect![[r#"
            head: 
            current: 
            base: 
            x: there is no revision `x` [2] `cargo ops-migrate history` lists the revisions
        "#]],
        );
    }

    #[test]
    fn upgrades_on_a_line() {
        let texts = "head heads +1 +3 +4 current+1 current b head-1 a 0 base -1 current-1 b+1 base+3";
        check(
            LINE,
            "0 a",
            texts,
            up,
            expect![[r#"
            head: b c d => d
            heads: b c d => d
            +1: b => b
            +3: b c d => d
            +4: `+4`: only 3 revisions are pending [2] 
            current+1: b => b
            current:  => a
            b: b => b
            head-1: b c => c
            a:  => a
            0: there is no revision `0` [2] `cargo ops-migrate history` lists the revisions
            base: `base` is before the first revision: nothing to upgrade to [2] to revert every revision: `cargo ops-migrate rollback base`
            -1: `upgrade -1`: upgrade goes forward only [2] the other way: `cargo ops-migrate rollback -1`
            current-1: `upgrade current-1`: upgrade goes forward only [2] the other way: `cargo ops-migrate rollback -1`
            b+1: b c => c
            base+3: b => b
        "#]],
        );
        check(
            LINE,
            "",
            "head +1 +9 base+1",
            up,
            expect![[r#"
            head: 0 a b c d => d
            +1: 0 => 0
            +9: `+9`: only 5 revisions are pending [2] 
            base+1: 0 => 0
        "#]],
        );
        check(
            LINE,
            "0 a b c d",
            "head +1 +0",
            up,
            expect![[r#"
            head:  => d
            +1: `+1`: no revision is pending [2] 
            +0:  => d
        "#]],
        );
        check(
            LINE,
            "0 b 99",
            "head b +1",
            up,
            expect![[r#"
            head: a c d => d late: a unknown: 99
            b: a => b late: a unknown: 99
            +1: a => a late: a unknown: 99
        "#]],
        );
        check(
            &[],
            "",
            "head heads +1",
            up,
            expect![[r#"
            head:  => -
            heads:  => -
            +1: `+1`: no revision is pending [2] 
        "#]],
        );
    }

    #[test]
    fn upgrades_where_the_chain_forks() {
        check(
            FORK,
            "a",
            "head heads +1 c d b+1 a+1",
            up,
            expect![[r#"
                head: migrations: the chain has 2 heads: cccccccccccc (step c), dddddddddddd (step d) [4] name one of them, or write `heads` for all | put those that nobody else has behind the others: `cargo ops-migrate rebase`; where all are published: `cargo ops-migrate merge`
                heads: b c d => -
                +1: migrations: the chain has 2 heads: cccccccccccc (step c), dddddddddddd (step d) [4] name one of them, or write `heads` for all | put those that nobody else has behind the others: `cargo ops-migrate rebase`; where all are published: `cargo ops-migrate merge`
                c: c => c
                d: b d => d
                b+1: b d => d
                a+1: `a+1`: after aaaaaaaaaaaa (step a) come 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them
            "#]],
        );
        check(
            JOIN,
            "a b",
            "head c +1 +2 e-1",
            up,
            expect![[r#"
            head: c d e => e
            c: c => c
            +1: c => c
            +2: c d => d
            e-1: c d => d
        "#]],
        );
    }

    #[test]
    fn rollbacks_on_a_line() {
        let texts = "-1 -2 -4 -5 base 0 a b c d head heads current current-2 +1 b-1 c-1 base+1 b-3";
        check(
            LINE,
            "0 a b c",
            texts,
            down,
            expect![[r#"
            -1: c => b
            -2: c b => a
            -4: c b a 0 => -
            -5: `-5`: only 4 revisions are applied [2] 
            base: c b a 0 => -
            0: there is no revision `0` [2] `cargo ops-migrate history` lists the revisions
            a: c b => a
            b: c => b
            c:  => c
            d: dddddddddddd (step d) is not applied, and a rollback ends at a revision that is [2] the database stands at cccccccccccc (step c); to go forward: `cargo ops-migrate upgrade dddddddddddd`
            head: dddddddddddd (step d) is not applied, and a rollback ends at a revision that is [2] the database stands at cccccccccccc (step c); to go forward: `cargo ops-migrate upgrade dddddddddddd`
            heads: a rollback ends at one revision, and `heads` are all [2] name the revision to end at, or `-1` for one back
            current:  => c
            current-2: c b => a
            +1: `rollback +1`: rollback goes back only [2] the other way: `cargo ops-migrate upgrade +1`
            b-1: c b => a
            c-1: c => b
            base+1: c b a => 0
            b-3: c b a 0 => -
        "#]],
        );
        check(
            LINE,
            "",
            "-1 base a",
            down,
            expect![[r#"
            -1: no revision is applied: nothing to roll back [2] 
            base:  => -
            a: aaaaaaaaaaaa (step a) is not applied, and a rollback ends at a revision that is [2] no revision is applied
        "#]],
        );
        check(
            LINE,
            "0 a c 99",
            "-1 -2 b a",
            down,
            expect![[r#"
            -1: c => a unknown: 99
            -2: c a => 0 unknown: 99
            b: bbbbbbbbbbbb (step b) is not applied, and a rollback ends at a revision that is [2] the database stands at cccccccccccc (step c); to go forward: `cargo ops-migrate upgrade bbbbbbbbbbbb`
            a: c => a unknown: 99
        "#]],
        );
    }

    #[test]
    fn rollbacks_where_the_chain_forks() {
        check(
            FORK,
            "a b c d",
            "-1 a b c-1 d-1 d-2 base",
            down,
            expect![[r#"
            -1: `-1`: the database stands on 2 revisions: cccccccccccc (step c), dddddddddddd (step d) [4] count from one of them, such as `cccccccccccc-1` or `dddddddddddd-1`
            a: d c b => a
            b: d => b
            c-1: c => a
            d-1: d => b
            d-2: d b => a
            base: d c b a => -
        "#]],
        );
        check(
            JOIN,
            "a b c d e",
            "-1 -2 -3 d b d-1",
            down,
            expect![[r#"
            -1: e => d
            -2: e d => c
            -3: e d c => b
            d: e => d
            b: e d => b
            d-1: `d-1`: dddddddddddd (step d) joins 2 revisions: bbbbbbbbbbbb (step b), cccccccccccc (step c) [4] count from one of them
        "#]],
        );
    }

    #[test]
    fn ranges() {
        let texts = "-2:current -10:current current-1:current current:+2 current:+9 -1:+1 a:c a: :a : base:head b-1:b+1 c:a head:base current:head x:a -3 a head-1:head -10: 2025-01-01-000000:a";
        check(
            LINE,
            "0 a b",
            texts,
            range,
            expect![[r#"
            -2:current: 0 a b
            -10:current: 0 a b
            current-1:current: a b
            current:+2: b c d
            current:+9: b c d
            -1:+1: a b c
            a:c: a b c
            a:: a b c d
            :a: 0 a
            :: 0 a b c d
            base:head: 0 a b c d
            b-1:b+1: a b c
            c:a: `c:a`: its start is not among what its end builds on [2] the other way round: `a:c`
            head:base: `head:base`: its start is not among what its end builds on [2] the other way round: `base:head`
            current:head: b c d
            x:a: there is no revision `x` [2] `cargo ops-migrate history` lists the revisions
            -3: `-3` is no range [2] the last ones before current: `-3:current`
            a: `a` is no range [2] a range is `from:to`, `from:` or `:to`, such as `-10:current`
            head-1:head: c d
            -10:: 0 a b c d
            2025-01-01-000000:a: 0 a
        "#]],
        );
        check(
            LINE,
            "",
            "-10:current current:head :current a:current",
            range,
            expect![[r#"
            -10:current: 
            current:head: 0 a b c d
            :current: 
            a:current: `a:current`: its start is not among what its end builds on [2] the other way round: `current:a`
        "#]],
        );
        check(
            FORK,
            "a b",
            ": a: b: :c b:c a:head -1:current",
            range,
            expect![[r#"
                :: a b c d
                a:: a b c d
                b:: b d
                :c: a c
                b:c: `b:c`: its start is not among what its end builds on [2] the two are on different branches
                a:head: migrations: the chain has 2 heads: cccccccccccc (step c), dddddddddddd (step d) [4] name one of them, or write `heads` for all | put those that nobody else has behind the others: `cargo ops-migrate rebase`; where all are published: `cargo ops-migrate merge`
                -1:current: a b
            "#]],
        );
        check(
            JOIN,
            "a b c d",
            "-2:current b:d :e",
            range,
            expect![[r#"
            -2:current: b c d
            b:d: b d
            :e: a b c d e
        "#]],
        );
    }

    #[test]
    fn ten_before_current_are_counted_from_current() {
        let lines: Vec<String> = (10..40).map(|n| format!("{n}_step")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let chain = Chain::load(&sketch(&lines), "migrations").unwrap();
        let applied: Vec<String> = (10..30).map(|n| n.to_string()).collect();
        let found = parse_range("-10:current").unwrap().resolve(&chain, &applied).unwrap();
        let ids: Vec<&str> = found.iter().map(|revision| revision.id.as_str()).collect();
        assert_eq!(ids, ["19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29"]);
    }

    #[test]
    fn what_needs_a_database() {
        for (text, needs) in
            [("head", false), ("base", false), ("abc-1", false), ("current", true), ("+1", true), ("-1", true)]
        {
            assert_eq!(parse(text).unwrap().needs_current(), needs, "{text}");
        }
        for (text, needs) in [("a:b", false), (":", false), ("-10:current", true), (":+1", true)] {
            assert_eq!(parse_range(text).unwrap().needs_current(), needs, "{text}");
        }
        assert_eq!((Target::one_back(), Target::head()), (parse("-1").unwrap(), parse("head").unwrap()));
    }

    proptest! {
        /// A rollback undoes exactly what an upgrade to any revision has done.
        #[test]
        fn there_and_back(from in 0usize..5, to in 0usize..5) {
            let chain = Chain::load(&sketch(LINE), "migrations").unwrap();
            let (from, to) = (from.min(to), from.max(to));
            let mut applied: Vec<String> = chain.revisions()[..=from].iter().map(|r| r.version.clone()).collect();
            let (low, high) = (chain.revisions()[from].id.clone(), chain.revisions()[to].id.clone());
            let up = parse(&high).unwrap().resolve_upgrade(&chain, &applied).unwrap();
            applied.extend(up.steps.iter().map(|r| r.version.clone()));
            let mut down = parse(&low).unwrap().resolve_rollback(&chain, &applied).unwrap().steps;
            down.reverse();
            prop_assert_eq!(down, up.steps);
        }

        #[test]
        fn no_text_panics(text in "[-+:a-d0-9/h]{0,12}") {
            let chain = Chain::load(&sketch(JOIN), "migrations").unwrap();
            let applied = vec![chain.revisions()[0].version.clone()];
            if let Ok(target) = parse(&text) {
                let _ = (target.resolve_upgrade(&chain, &applied), target.resolve_rollback(&chain, &applied), target.resolve_all(&chain, &applied));
            }
            if let Ok(range) = parse_range(&text) {
                let _ = range.resolve(&chain, &applied);
            }
        }
    }
}
