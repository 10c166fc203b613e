//! Texts without what differs from run to run: paths, revision ids, times, durations.

use std::path::Path;

/// Patterns and what stands for them: `9` is a digit, `h` a hex digit, `#` digits; everything else
/// is itself. The first that fits wins.
const PATTERNS: [(&str, &str); 8] = [
    ("9999-99-99-999999-hhhhhhhhhhhh", "<time>-<id>"),
    ("9999-99-99T99:99:99Z", "<time>"),
    ("9999-99-99 99:99:99", "<time>"),
    ("99999999999999hhhhhhhhhhhh", "<version>"),
    ("hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh", "<commit>"),
    ("hhhhhhhhhhhh", "<id>"),
    ("# ms", "<took>"),
    ("#.9 s", "<took>"),
];

/// The text as it is on every machine; `root` becomes `<root>`.
pub(crate) fn normal(text: &str, root: &Path) -> String {
    let text = text.replace(root.to_str().unwrap(), "<root>").replace(env!("CARGO_PKG_VERSION"), "<tool>");
    let mut out = String::new();
    let mut rest = text.as_str();
    let mut inside_word = false;
    while let Some(next) = rest.chars().next() {
        let found = PATTERNS.iter().find_map(|(pattern, name)| Some((matched(pattern, rest)?, name)));
        match found.filter(|_| !inside_word) {
            Some((length, name)) => {
                out.push_str(name);
                rest = &rest[length..];
                inside_word = true;
            }
            None => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
                inside_word = next.is_ascii_alphanumeric() || next == '_';
            }
        }
    }
    out
}

/// How many bytes a pattern takes at the start of a text, up to the end of a word.
fn matched(pattern: &str, text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for wanted in pattern.bytes() {
        let here = *bytes.get(at)?;
        let fits = match wanted {
            b'9' | b'#' => here.is_ascii_digit(),
            b'h' => here.is_ascii_digit() || (b'a'..=b'f').contains(&here),
            other => here == other,
        };
        if !fits {
            return None;
        }
        at += 1;
        while wanted == b'#' && bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
    let ends = !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    ends.then_some(at)
}

#[test]
fn what_differs_is_replaced() {
    let cases = [
        ("/x/app/migrations/2026-03-01-120200-0a1b2c3d4e5f_add_x/up.sql", "<root>/migrations/<time>-<id>_add_x/up.sql"),
        ("0a1b2c3d4e5f  add (12 ms)", "<id>  add (<took>)"),
        ("version 202603011202000a1b2c3d4e5f, took 12.5 s", "version <version>, took <took>"),
        ("2024-01-01-000000_create_users", "2024-01-01-000000_create_users"),
        ("20240101000000 at 2026-03-01T12:02:00Z", "20240101000000 at <time>"),
        ("nick_0a1b2c3d4e5f", "nick_0a1b2c3d4e5f"),
    ];
    for (text, expected) in cases {
        assert_eq!(normal(text, Path::new("/x/app")), expected);
    }
}
