//! The regular expressions of diesel.toml's filters, in the part of the syntax that table and type
//! names need: literals, `.`, classes, groups, alternatives, repetition, `^` and `$`. What lies
//! beyond is refused by name when the settings are read, never taken for something else.

use std::iter::Peekable;
use std::str::Chars;

/// A regular expression; it matches anywhere in a text unless it is anchored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    alternatives: Vec<Vec<Piece>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    atom: Atom,
    least: usize,
    most: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    Start,
    End,
    Class { negated: bool, ranges: Vec<(char, char)> },
    Group(Vec<Vec<Piece>>),
}

/// No name is longer, and no repetition of one needs more.
const MOST: usize = 1_000;

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// With the reason, where it is none or uses syntax that is not read here.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut chars = text.chars().peekable();
        let alternatives = alternatives(&mut chars)?;
        match chars.next() {
            None => Ok(Self { alternatives }),
            Some(_) => Err("a `)` without its `(`".to_owned()),
        }
    }

    /// Whether some part of the text is what the expression describes.
    pub fn is_match(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        (0..=text.len()).any(|start| any_of(&self.alternatives, &text, start, &mut |_| true))
    }
}

fn alternatives(chars: &mut Peekable<Chars<'_>>) -> Result<Vec<Vec<Piece>>, String> {
    let mut found = vec![Vec::new()];
    while let Some(&c) = chars.peek() {
        match c {
            ')' => break,
            '|' => {
                chars.next();
                found.push(Vec::new());
            }
            _ => {
                let atom = atom(chars)?;
                let (least, most) = repetition(chars)?;
                found.last_mut().into_iter().for_each(|pieces| pieces.push(Piece { atom: atom.clone(), least, most }));
            }
        }
    }
    Ok(found)
}

fn atom(chars: &mut Peekable<Chars<'_>>) -> Result<Atom, String> {
    let any = Atom::Class { negated: true, ranges: vec![('\n', '\n')] };
    Ok(match chars.next() {
        None => return Err("it ends too early".to_owned()),
        Some('^') => Atom::Start,
        Some('$') => Atom::End,
        Some('.') => any,
        Some('[') => class(chars)?,
        Some('(') => {
            if chars.next_if_eq(&'?').is_some() && chars.next() != Some(':') {
                return Err("of the groups with `(?`, only `(?:` is read here".to_owned());
            }
            let inner = alternatives(chars)?;
            chars.next().ok_or("a `(` without its `)`")?;
            Atom::Group(inner)
        }
        Some('\\') => match chars.next() {
            Some('A') => Atom::Start,
            Some('z') => Atom::End,
            Some(c) => Atom::Class { negated: c.is_ascii_uppercase(), ranges: escaped(c)? },
            None => return Err("it ends in a `\\`".to_owned()),
        },
        Some(c @ ('*' | '+' | '?' | '{')) => return Err(format!("`{c}` has nothing to repeat")),
        Some(c) => one(c),
    })
}

fn one(c: char) -> Atom {
    Atom::Class { negated: false, ranges: vec![(c, c)] }
}

/// What an escape stands for; the classes in capitals are the others' complements.
fn escaped(c: char) -> Result<Vec<(char, char)>, String> {
    Ok(match c {
        'd' | 'D' => vec![('0', '9')],
        'w' | 'W' => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        's' | 'S' => vec![(' ', ' '), ('\t', '\r')],
        c if c.is_ascii_alphanumeric() => return Err(format!("`\\{c}` is not read here")),
        c => vec![(c, c)],
    })
}

/// The rest of a `[…]`.
fn class(chars: &mut Peekable<Chars<'_>>) -> Result<Atom, String> {
    let open = || "a `[` without its `]`".to_owned();
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let first = match chars.next().ok_or_else(open)? {
            ']' if !ranges.is_empty() => break,
            '[' => return Err("a `[` inside of `[…]` is not read here".to_owned()),
            '\\' => match chars.next().ok_or_else(open)? {
                c @ ('D' | 'W' | 'S') => return Err(format!("`\\{c}` inside of `[…]` is not read here")),
                c @ ('d' | 'w' | 's') => {
                    ranges.extend(escaped(c)?);
                    continue;
                }
                c => c,
            },
            c => c,
        };
        // A `-` before the end is one.
        let mut ahead = chars.clone();
        ahead.next();
        let last = if chars.peek() == Some(&'-') && ahead.peek().is_some_and(|c| *c != ']') {
            chars.next();
            chars.next().ok_or_else(open)?
        } else {
            first
        };
        ranges.push((first, last));
    }
    Ok(Atom::Class { negated, ranges })
}

/// How often the piece before it may come; whether greedy or lazy makes no difference to a match.
fn repetition(chars: &mut Peekable<Chars<'_>>) -> Result<(usize, usize), String> {
    let times = match chars.peek() {
        Some('*') => (0, MOST),
        Some('+') => (1, MOST),
        Some('?') => (0, 1),
        Some('{') => {
            let text: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
            let number = |text: &str| text.trim().parse::<usize>().ok().filter(|n| *n <= MOST);
            let times = match text.split_once(',') {
                None => number(&text).map(|n| (n, n)),
                Some((least, "")) => number(least).map(|n| (n, MOST)),
                Some((least, most)) => number(least).zip(number(most)),
            };
            chars.next_if_eq(&'?');
            return times.ok_or_else(|| format!("`{{{text}}}` is no number of times"));
        }
        _ => return Ok((1, 1)),
    };
    chars.next();
    chars.next_if_eq(&'?');
    Ok(times)
}

/// Whether one of the alternatives matches at `at` and `then` holds where it ends.
fn any_of(alternatives: &[Vec<Piece>], text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    alternatives.iter().any(|pieces| sequence(pieces, text, at, then))
}

fn sequence(pieces: &[Piece], text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match pieces.split_first() {
        None => then(at),
        Some((piece, rest)) => repeated(piece, 0, rest, text, at, then),
    }
}

fn repeated(
    piece: &Piece,
    done: usize,
    rest: &[Piece],
    text: &[char],
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    let more = done < piece.most
        && once(&piece.atom, text, at, &mut |end| {
            // A repetition of nothing would never end.
            (end > at || done < piece.least) && repeated(piece, done + 1, rest, text, end, then)
        });
    more || (done >= piece.least && sequence(rest, text, at, then))
}

fn once(atom: &Atom, text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match atom {
        Atom::Start => at == 0 && then(at),
        Atom::End => at == text.len() && then(at),
        Atom::Class { negated, ranges } => {
            let Some(&c) = text.get(at) else { return false };
            (ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *negated) && then(at + 1)
        }
        Atom::Group(alternatives) => any_of(alternatives, text, at, then),
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn matches() {
        let cases = [
            ("users", "all_users_now", true),
            ("^users$", "all_users", false),
            ("^users$", "users", true),
            ("^(posts|users)$", "posts", true),
            ("^(?:posts|users)$", "postsx", false),
            ("^pg_", "pg_stat", true),
            ("^spatial_ref_sys|geo.*$", "spatial_ref_sys2", true),
            ("a.c", "abc", true),
            ("a\\.c", "abc", false),
            ("^[a-z_]+$", "snake_case", true),
            ("^[^a-z]+$", "snake", false),
            ("^t\\d{2,3}$", "t1", false),
            ("^t\\d{2,3}$", "t123", true),
            ("^t\\d{2,}?$", "t1234", true),
            ("^(ab)*$", "abab", true),
            ("^(a*)*b$", "aaaaaaaaaaaaaaaaaaaaaaaac", false),
            ("^[\\w-]+$", "a-b_c", true),
            ("", "anything", true),
            ("x?", "", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::parse(pattern).unwrap().is_match(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn refused_by_name() {
        for pattern in ["(?i)a", "(a", "a)", "[a", "*a", "a\\b", "\\pL", "a{x}", "[[:alpha:]]", "a\\"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
