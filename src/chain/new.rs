//! The identity and the directory's name of a revision to be made. Time and random bytes are given
//! by the caller; writing is left to `store`.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::script::hex;
use super::{Chain, Revision};
use crate::error::{Error, Result};

/// The longest slug in bytes.
const MAX_SLUG: usize = 60;

/// The name of a directory to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewName {
    /// `YYYY-MM-DD-HHMMSS-<revision>_<slug>`.
    pub directory: String,
    /// As Diesel will read it from the name.
    pub version: String,
    /// The moment in the name, RFC 3339 in UTC.
    pub created: String,
    /// What to tell: the time in the name is not the time of day, because the newest revision
    /// lies in the future.
    pub note: Option<String>,
}

/// The name for revision `id`, in UTC. `after_version` is the newest version of the chain, which
/// the new one sorts after.
///
/// # Errors
/// Where the message gives no slug or is a path, or where no time stamp sorts after the newest
/// version.
pub fn directory_name(now: OffsetDateTime, id: &str, message: &str, after_version: Option<&str>) -> Result<String> {
    new_name(now, id, message, after_version).map(|name| name.directory)
}

/// [`directory_name`] with what else is to be known about it.
///
/// # Errors
/// As for [`directory_name`].
pub fn new_name(now: OffsetDateTime, id: &str, message: &str, after_version: Option<&str>) -> Result<NewName> {
    let slug = slug(message)?;
    let now = now.to_offset(UtcOffset::UTC);
    let (moment, note) = match after_version {
        Some(newest) if version(now, id).as_str() <= newest => {
            let later = moment_after(newest).ok_or_else(|| no_time_after(newest))?;
            let note = format!(
                "the newest revision is dated {}, so this one is dated a second later to sort after it",
                rfc3339(later - Duration::SECOND)
            );
            (later, Some(note))
        }
        _ => (now, None),
    };
    Ok(NewName {
        directory: format!("{}-{id}_{slug}", stamp(moment, "-")),
        version: version(moment, id),
        created: rfc3339(moment),
        note,
    })
}

/// An identity and a name that sort between two versions of a chain: dated a second after the first where
/// there is room for that, else in its second, with an identity that sorts right.
///
/// # Errors
/// Where the message gives no slug, or no time stamp sorts there.
pub fn name_between(
    low: &str,
    high: &str,
    message: &str,
    entropy: &[u8],
    chains: &[&Chain],
) -> Result<(String, NewName)> {
    // Of a second that another version has, half of the identities sort right; of less than that
    // one in thousands has to be found.
    const TRIES: usize = 10_000;
    let slug = slug(message)?;
    let later = moment_after(low);
    for moment in [later, later.map(|later| later - Duration::SECOND)].into_iter().flatten() {
        let mut id = free_id(entropy, chains);
        for _ in 0..TRIES {
            let version = version(moment, &id);
            if low < version.as_str() && version.as_str() < high {
                let directory = format!("{}-{id}_{slug}", stamp(moment, "-"));
                return Ok((id, NewName { directory, version, created: rfc3339(moment), note: None }));
            }
            id = free_id(id.as_bytes(), chains);
        }
    }
    Err(Error::undecided(format!("no time stamp sorts between {low} and {high}"))
        .hint("Diesel compares versions as text; give the later one a later date: cargo ops-migrate rebase"))
}

/// An identity from random bytes. With 48 bits it is new in practice; [`free_id`] makes sure.
pub fn new_id(entropy: &[u8]) -> String {
    hex(&Sha256::digest(entropy)[..6])
}

/// An identity from random bytes that no revision of these chains has.
pub fn free_id(entropy: &[u8], chains: &[&Chain]) -> String {
    let mut id = new_id(entropy);
    while chains.iter().any(|chain| chain.position(&id).is_some()) {
        id = new_id(id.as_bytes());
    }
    id
}

/// The message as part of a directory's name: `[a-z0-9_]`, at most 60 of them, cut at a word.
///
/// # Errors
/// Where nothing is left, or the message is a path or has control characters.
pub fn slug(message: &str) -> Result<String> {
    if message.contains(['/', '\\']) || message.contains("..") {
        return Err(Error::undecided(format!("the message \"{message}\" looks like a path"))
            .hint("give it in words, such as \"add users\""));
    }
    if message.chars().any(char::is_control) {
        return Err(Error::undecided("the message has line breaks or control characters in it")
            .hint("give one line of words, such as \"add users\""));
    }
    let lower = message.to_ascii_lowercase();
    let mut slug = String::new();
    for word in lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let separator = usize::from(!slug.is_empty());
        if slug.len() + separator + word.len() > MAX_SLUG {
            if slug.is_empty() {
                slug.push_str(&word[..MAX_SLUG]);
            }
            break;
        }
        slug.push_str(&"_"[..separator]);
        slug.push_str(word);
    }
    match slug.as_str() {
        "" => {
            Err(Error::undecided(format!("the message \"{message}\" has no letter or digit for the directory's name"))
                .hint("give it in words of a-z and 0-9, such as \"add users\""))
        }
        _ => Ok(slug),
    }
}

/// The name of a revision moved behind `version`: the time a second later, what is its own in the name
/// as it was. `None` where no time stamp sorts after it.
pub(super) fn renamed_after(revision: &Revision, version: &str) -> Option<String> {
    let stamp = stamp(moment_after(version)?, "-");
    let id = if revision.ours { format!("-{}", revision.id) } else { String::new() };
    let separator = if revision.slug.is_empty() { "" } else { "_" };
    Some(format!("{stamp}{id}{separator}{}", revision.slug))
}

pub(super) fn no_time_after(newest: &str) -> Error {
    Error::undecided(format!("the newest version of the chain, {newest}, sorts after every time stamp"))
        .hint("Diesel compares versions as text; rename that revision so that it begins with its date")
}

/// A second after the time stamp that a version begins with.
fn moment_after(version: &str) -> Option<OffsetDateTime> {
    let digits = version.get(..14).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let part = |from: usize, to: usize| digits[from..to].parse::<u16>().ok();
    let small = |from: usize, to: usize| part(from, to).and_then(|n| u8::try_from(n).ok());
    let month = time::Month::try_from(small(4, 6)?).ok()?;
    let date = time::Date::from_calendar_date(i32::from(part(0, 4)?), month, small(6, 8)?).ok()?;
    let clock = time::Time::from_hms(small(8, 10)?, small(10, 12)?, small(12, 14)?).ok()?;
    let later = PrimitiveDateTime::new(date, clock).assume_utc().checked_add(Duration::SECOND)?;
    (later.year() <= 9999).then_some(later)
}

fn version(moment: OffsetDateTime, id: &str) -> String {
    format!("{}{id}", stamp(moment, ""))
}

fn stamp(at: OffsetDateTime, dash: &str) -> String {
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    format!("{year:04}{dash}{:02}{dash}{day:02}{dash}{hour:02}{minute:02}{second:02}", u8::from(month))
}

fn rfc3339(at: OffsetDateTime) -> String {
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    format!("{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::{directory_name, free_id, name_between, new_id, new_name, slug};
    use crate::chain::Chain;
    use crate::chain::tests::sketch;

    const ID: &str = "0123456789ab";

    #[test]
    fn slugs() {
        let long = "one two three four five six seven eight nine ten eleven twelve thirteen";
        let cases = [
            ("Add nick name", "add_nick_name"),
            ("  drop -- users.email! ", "drop_users_email"),
            ("größer", "gr_er"),
            (long, "one_two_three_four_five_six_seven_eight_nine_ten_eleven"),
            (&"x".repeat(99), &"x".repeat(60)),
        ];
        for (message, expected) in cases {
            assert_eq!(slug(message).unwrap(), expected);
        }
    }

    #[test]
    fn messages_that_make_no_name() {
        let cases = [
            ("", "the message \"\" has no letter or digit for the directory's name"),
            ("…", "the message \"…\" has no letter or digit for the directory's name"),
            ("../x", "the message \"../x\" looks like a path"),
            ("a/b", "the message \"a/b\" looks like a path"),
            ("..", "the message \"..\" looks like a path"),
            ("a\\b", "the message \"a\\b\" looks like a path"),
            ("a\nb", "the message has line breaks or control characters in it"),
        ];
        for (message, expected) in cases {
            assert_eq!(slug(message).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn names_sort_after_the_newest() {
        let now = datetime!(2026-01-31 13:14:15 +1);
        let cases = [
            (None, "2026-01-31-121415-0123456789ab_add_users", false),
            (Some("20260131121414"), "2026-01-31-121415-0123456789ab_add_users", false),
            (Some("202601311214150000"), "2026-01-31-121415-0123456789ab_add_users", false),
            (Some("20260131121415ffff"), "2026-01-31-121416-0123456789ab_add_users", true),
            (Some("20261231235959"), "2027-01-01-000000-0123456789ab_add_users", true),
            (Some("021"), "2026-01-31-121415-0123456789ab_add_users", false),
        ];
        for (newest, expected, told) in cases {
            let name = new_name(now, ID, "add users", newest).unwrap();
            assert_eq!(name.directory, expected);
            assert_eq!(name.note.is_some(), told, "{newest:?}");
            assert!(newest.is_none_or(|newest| name.version.as_str() > newest));
        }
        let told = new_name(now, ID, "add users", Some("20261231235959")).unwrap();
        assert_eq!(told.created, "2027-01-01T00:00:00Z");
        assert_eq!(
            told.note.unwrap(),
            "the newest revision is dated 2026-12-31T23:59:59Z, so this one is dated a second later to sort after it"
        );
    }

    #[test]
    fn some_versions_leave_no_room() {
        for newest in ["9", "20261399000000x", "99991231235959"] {
            let error = directory_name(datetime!(2026-01-31 12:00 UTC), ID, "x", Some(newest)).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the newest version of the chain, {newest}, sorts after every time stamp")
            );
        }
    }

    #[test]
    fn names_sort_between() {
        let cases = [
            ("20260131121415", "20260201000000", Some("2026-01-31-121416-")),
            ("20260131121415", "20260131121417", Some("2026-01-31-121416-")),
            ("20260131121415", "20260131121416ffffffffff00", Some("2026-01-31-121416-")),
            ("20260131121415", "20260131121416", Some("2026-01-31-121415-")),
            ("202601311214150123456789ab", "20260131121416", Some("2026-01-31-121415-")),
            ("202601311214150123456789ab", "202601311214150200000000ab", Some("2026-01-31-121415-01")),
            ("202601311214150123456789ab", "202601311214150123456789ac", None),
            ("1", "2", None),
        ];
        for (low, high, expected) in cases {
            let found = name_between(low, high, "add users", b"seed", &[]);
            match expected {
                None => assert!(found.unwrap_err().to_string().contains("no time stamp sorts between"), "{low} {high}"),
                Some(start) => {
                    let (id, name) = found.unwrap();
                    assert!(name.directory.starts_with(start), "{low} {high}: {}", name.directory);
                    assert!(low < name.version.as_str() && name.version.as_str() < high && name.version.ends_with(&id));
                }
            }
        }
    }

    #[test]
    fn identities_are_new() {
        let empty = Chain::load(&sketch(&[]), "migrations").unwrap();
        let first = new_id(b"seed");
        assert_eq!((first.len(), free_id(b"seed", &[&empty])), (12, first.clone()));
        let taken = Chain::load(&sketch(&[&format!("{first} after base")]), "migrations").unwrap();
        assert_ne!(free_id(b"seed", &[&empty, &taken]), first);
    }

    proptest! {
        #[test]
        fn a_slug_is_a_name_or_an_error(message: String) {
            if let Ok(slug) = slug(&message) {
                prop_assert!(!slug.is_empty() && slug.len() <= 60);
                prop_assert!(slug.bytes().all(|b| b == b'_' || b.is_ascii_digit() || b.is_ascii_lowercase()));
            }
        }
    }
}
