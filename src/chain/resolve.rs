//! A target's parts looked up in a chain: names and their prefixes, steps along parents and
//! children, and the plans that follow from them.

use super::target::{Anchor, Direction, Plan, Target};
use super::{Chain, Revision};
use crate::error::{Error, Kind, Result};
use crate::words::listed;

/// How many candidates a message lists.
const LISTED: usize = 6;

/// What helps with several heads where a target can be named.
const ONE_OR_ALL: &str = "name one of them, or write `heads` for all";

/// A chain and what of it is applied.
pub(super) struct Resolver<'a> {
    pub(super) chain: &'a Chain,
    unknown: Vec<String>,
    pub(super) applied: Vec<bool>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(chain: &'a Chain, versions: &[String]) -> Self {
        Self { chain, unknown: chain.unknown(versions), applied: chain.applied_marks(versions) }
    }

    fn label(&self, at: usize) -> String {
        self.chain.revisions[at].label()
    }

    fn labels(&self, positions: &[usize]) -> String {
        let labels: Vec<String> = positions.iter().map(|&at| self.label(at)).collect();
        listed(&labels, ", ", LISTED)
    }

    pub(super) fn head(&self) -> Result<Option<usize>> {
        match self.chain.heads.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(self.chain.several_heads(Some(ONE_OR_ALL))),
        }
    }

    /// The revision that a text names.
    pub(super) fn find(&self, text: &str) -> Result<usize> {
        match self.candidates(text).as_slice() {
            [one] => Ok(*one),
            [] => Err(self.unknown(text)),
            several => {
                let message = format!("`{text}` may be any of {} revisions: {}", several.len(), self.labels(several));
                Err(Error::undecided(message).hint("write more of the id"))
            }
        }
    }

    /// The revision whose id, version or directory a text is, else all of which it is a prefix.
    pub(super) fn candidates(&self, text: &str) -> Vec<usize> {
        let text = text.trim_end_matches('/');
        let text = match text.strip_prefix(self.chain.directory.as_str()) {
            Some(rest) => rest.strip_prefix('/').unwrap_or(text),
            None => text,
        };
        let names = |at: usize| {
            let revision = &self.chain.revisions[at];
            [&revision.id, &revision.version, &revision.directory]
        };
        let all = 0..self.chain.revisions.len();
        if let Some(exact) = all.clone().find(|&at| names(at).into_iter().any(|name| name == text)) {
            return vec![exact];
        }
        all.filter(|&at| names(at).into_iter().any(|name| name.starts_with(text))).collect()
    }

    fn unknown(&self, text: &str) -> Error {
        let error = Error::undecided(format!("there is no revision `{text}`"));
        let keyword =
            ["head", "heads", "base", "current"].into_iter().find(|k| strsim::damerau_levenshtein(k, text) <= 1);
        match (keyword, nearest(&self.chain.revisions, text)) {
            (Some(keyword), _) => error.hint(format!("is it `{keyword}`?")),
            (None, Some(revision)) => error.hint(format!("is it {}?", revision.label())),
            (None, None) => error.hint("`cargo ops-migrate history` lists the revisions"),
        }
    }

    fn current(&self) -> Vec<usize> {
        self.chain.current_positions(&self.applied)
    }

    pub(super) fn one_current(&self, text: &str) -> Result<Option<usize>> {
        match self.current().as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => Err(self.several_current(text, several)),
        }
    }

    fn several_current(&self, text: &str, several: &[usize]) -> Error {
        let message = format!("`{text}`: the database stands on {} revisions: {}", several.len(), self.labels(several));
        let forms: Vec<String> =
            several.iter().take(LISTED).map(|&at| format!("`{}-1`", self.chain.revisions[at].id)).collect();
        Error::new(Kind::SeveralHeads, message).hint(format!("count from one of them, such as {}", forms.join(" or ")))
    }

    /// Steps towards the base: where they end, and the revisions they leave behind.
    pub(super) fn back(&self, text: &str, start: Option<usize>, steps: u64) -> Result<(Option<usize>, Vec<usize>)> {
        let (mut at, mut path) = (start, Vec::new());
        while (path.len() as u64) < steps {
            let Some(here) = at else { return Err(too_far(text, "before it", path.len())) };
            path.push(here);
            at = match self.chain.links[here].as_slice() {
                [] => None,
                [one] => Some(*one),
                several => return Err(self.fork(text, &format!("{} joins", self.label(here)), several)),
            };
        }
        Ok((at, path))
    }

    /// Steps away from the base.
    pub(super) fn forward(&self, text: &str, start: Option<usize>, steps: u64) -> Result<Option<usize>> {
        let children = self.children();
        let roots: Vec<usize> = (0..children.len()).filter(|&at| self.chain.links[at].is_empty()).collect();
        let mut at = start;
        for done in 0..steps {
            let next = at.map_or(&roots, |at| &children[at]);
            at = match next.as_slice() {
                [one] => Some(*one),
                [] => return Err(too_far(text, "after it", usize::try_from(done).unwrap_or(usize::MAX))),
                several => {
                    let here = at.map_or("the base".to_owned(), |at| self.label(at));
                    return Err(self.fork(text, &format!("after {here} come"), several));
                }
            };
        }
        Ok(at)
    }

    fn fork(&self, text: &str, what: &str, several: &[usize]) -> Error {
        let message = format!("`{text}`: {what} {} revisions: {}", several.len(), self.labels(several));
        Error::new(Kind::SeveralHeads, message).hint("count from one of them")
    }

    fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.chain.links.len()];
        for (at, parents) in self.chain.links.iter().enumerate() {
            parents.iter().for_each(|&parent| children[parent].push(at));
        }
        children
    }

    /// The next revisions that are pending.
    pub(super) fn next(&self, target: &Target) -> Result<Plan<'a>> {
        let wanted = usize::try_from(target.steps).unwrap_or(usize::MAX);
        let pending: Vec<usize> = (0..self.applied.len()).filter(|&at| !self.applied[at]).collect();
        let heads = &self.chain.heads;
        if wanted > 0 && heads.len() > 1 && heads.iter().any(|&head| !self.applied[head]) {
            return Err(self.chain.several_heads(Some(ONE_OR_ALL)));
        }
        if wanted > pending.len() {
            return Err(Error::undecided(match pending.len() {
                0 => format!("`{}`: no revision is pending", target.text),
                1 => format!("`{}`: only 1 revision is pending", target.text),
                n => format!("`{}`: only {n} revisions are pending", target.text),
            }));
        }
        let mut marks = vec![false; self.applied.len()];
        pending.iter().take(wanted).for_each(|&at| marks[at] = true);
        let mut plan = self.plan(Direction::Up, &marks);
        plan.target = plan.steps.last().copied().or_else(|| self.current().last().map(|&at| &self.chain.revisions[at]));
        Ok(plan)
    }

    /// The last revisions that are applied.
    pub(super) fn last(&self, target: &Target) -> Result<Plan<'a>> {
        let wanted = usize::try_from(target.steps.unsigned_abs()).unwrap_or(usize::MAX);
        let applied: Vec<usize> = (0..self.applied.len()).filter(|&at| self.applied[at]).collect();
        if wanted > 0 {
            self.one_current(&target.text)?;
        }
        if wanted > applied.len() {
            return Err(Error::undecided(match applied.len() {
                0 => "no revision is applied: nothing to roll back".to_owned(),
                1 => format!("`{}`: only 1 revision is applied", target.text),
                n => format!("`{}`: only {n} revisions are applied", target.text),
            }));
        }
        let (stay, go) = applied.split_at(applied.len() - wanted);
        let mut marks = vec![false; self.applied.len()];
        go.iter().for_each(|&at| marks[at] = true);
        Ok(self.down(&marks, stay.last().copied()))
    }

    pub(super) fn up(&self, targets: &[usize]) -> Plan<'a> {
        let mut marks = self.chain.ancestor_marks(targets);
        marks.iter_mut().zip(&self.applied).for_each(|(mark, applied)| *mark &= !applied);
        let mut plan = self.plan(Direction::Up, &marks);
        if let [one] = targets {
            plan.target = Some(&self.chain.revisions[*one]);
        }
        plan
    }

    pub(super) fn down(&self, marks: &[bool], end: Option<usize>) -> Plan<'a> {
        let marks: Vec<bool> = marks.iter().zip(&self.applied).map(|(mark, applied)| *mark && *applied).collect();
        let mut plan = self.plan(Direction::Down, &marks);
        plan.steps.reverse();
        plan.target = end.map(|at| &self.chain.revisions[at]);
        plan
    }

    fn plan(&self, direction: Direction, marks: &[bool]) -> Plan<'a> {
        let newest = self.applied.iter().rposition(|applied| *applied).unwrap_or(0);
        let steps: Vec<usize> = (0..marks.len()).filter(|&at| marks[at]).collect();
        let late = steps.iter().filter(|&&at| direction == Direction::Up && at < newest);
        Plan {
            direction,
            out_of_order: late.map(|&at| &self.chain.revisions[at]).collect(),
            steps: steps.iter().map(|&at| &self.chain.revisions[at]).collect(),
            target: None,
            unknown: self.unknown.clone(),
        }
    }

    pub(super) fn not_applied(&self, end: usize) -> Error {
        let revision = &self.chain.revisions[end];
        let error =
            Error::undecided(format!("{} is not applied, and a rollback ends at a revision that is", revision.label()));
        match self.current().as_slice() {
            [] => error.hint("no revision is applied"),
            current => error.hint(format!(
                "the database stands at {}; to go forward: `cargo ops-migrate upgrade {}`",
                self.labels(current),
                revision.id
            )),
        }
    }

    /// The revisions that an end of a range means; none for the base.
    pub(super) fn end(&self, target: &Target) -> Result<Vec<usize>> {
        let start = match &target.anchor {
            Anchor::Heads => self.chain.heads.clone(),
            Anchor::Head => self.head()?.into_iter().collect(),
            Anchor::Base => Vec::new(),
            Anchor::Current => self.current(),
            Anchor::Named(name) if target.steps == 0 => return Ok(vec![self.find(name)?]),
            Anchor::Named(_) if !self.candidates(&target.text).is_empty() => return Ok(vec![self.find(&target.text)?]),
            Anchor::Named(name) => vec![self.find(name)?],
        };
        Ok(self.shifted(start, target.steps))
    }

    /// Steps in the order of application among what the start builds on, or what builds on it;
    /// they stop at the ends of the chain.
    fn shifted(&self, start: Vec<usize>, steps: i64) -> Vec<usize> {
        let count = usize::try_from(steps.unsigned_abs()).unwrap_or(usize::MAX);
        let others = |marks: Vec<bool>| -> Vec<usize> {
            (0..marks.len()).filter(|at| marks[*at] && !start.contains(at)).collect()
        };
        if steps == 0 {
            return start;
        }
        if steps < 0 {
            let before = others(self.chain.ancestor_marks(&start));
            return before.len().checked_sub(count).map(|at| before[at]).into_iter().collect();
        }
        let after = match start.is_empty() {
            true => (0..self.applied.len()).collect(),
            false => others(self.chain.descendant_marks(&start)),
        };
        match after.get(..count.min(after.len())).and_then(<[usize]>::last) {
            Some(last) => vec![*last],
            None => start,
        }
    }
}

fn too_far(text: &str, side: &str, there: usize) -> Error {
    Error::undecided(match there {
        0 => format!("`{text}`: there is no revision {side}"),
        1 => format!("`{text}`: there is only 1 revision {side}"),
        n => format!("`{text}`: there are only {n} revisions {side}"),
    })
}

/// The revision that a mistyped text most likely means.
pub(super) fn nearest<'a>(revisions: &'a [Revision], text: &str) -> Option<&'a Revision> {
    let length = text.chars().count();
    let start = |name: &str| -> usize { strsim::levenshtein(text, &name.chars().take(length).collect::<String>()) };
    let distance = |revision: &Revision| match text.len() >= 3 && revision.slug.contains(text) {
        true => 0,
        false => {
            let names = [&revision.id, &revision.version, &revision.directory];
            names
                .map(|name| start(name))
                .into_iter()
                .min()
                .unwrap_or(length)
                .min(strsim::levenshtein(text, &revision.slug))
        }
    };
    let (nearest, distance) =
        revisions.iter().map(|revision| (revision, distance(revision))).min_by_key(|(_, d)| *d)?;
    (distance <= length / 3).then_some(nearest)
}
