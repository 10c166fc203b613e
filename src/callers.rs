//! The programs that started this one: a hook is not told that `git commit` amends, and the command
//! line of the git that runs it says so. Read from /proc (proc(5)), so on Linux alone; elsewhere nothing
//! is known, an amended commit is taken for one on top of HEAD, and the push is where it shows.

use std::path::Path;

/// As many programs as may stand between git and us: a shell, a manager of hooks and what it starts.
const MOST: usize = 12;

/// The command lines of the programs above this one, nearest first, up to the first git; empty where
/// the system does not tell.
pub fn command_lines() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut process = parent_of("self");
    while let Some(id) = process.filter(|id| found.len() < MOST && id != "0") {
        let Ok(bytes) = std::fs::read(Path::new("/proc").join(&id).join("cmdline")) else { break };
        let words = bytes.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let mut words: Vec<String> = words.collect();
        // Every word ends with a zero byte.
        words.pop();
        process = if is_git(&words) { None } else { parent_of(&id) };
        found.push(words);
    }
    found
}

/// `pid (comm) state ppid …`, where the name may hold anything.
fn parent_of(process: &str) -> Option<String> {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process).join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1).map(str::to_owned)
}

/// Whether the nearest git is a `git commit --amend`.
pub fn is_amending(lines: &[Vec<String>]) -> bool {
    lines.iter().find(|line| is_git(line)).is_some_and(|line| amends(line))
}

fn is_git(line: &[String]) -> bool {
    let program = line.first().map(|program| program.rsplit(['/', '\\']).next().unwrap_or(program));
    matches!(program, Some("git" | "git.exe" | "git-commit"))
}

/// Whether a command line of `git commit` has the option itself, and not as another option's value.
fn amends(line: &[String]) -> bool {
    let mut words = line.iter().skip_while(|word| *word != "commit" && !word.ends_with("git-commit")).skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => return false,
            // Any start of it that no other option has.
            word if word.len() >= 4 && "--amend".starts_with(word) => return true,
            word if takes_value(word) => drop(words.next()),
            _ => {}
        }
    }
    false
}

/// Whether an option of `git commit` has its value in the next word (git-commit(1)).
fn takes_value(word: &str) -> bool {
    const LONG: [&str; 10] = [
        "--message",
        "--file",
        "--author",
        "--date",
        "--template",
        "--reuse-message",
        "--reedit-message",
        "--trailer",
        "--cleanup",
        "--pathspec-from-file",
    ];
    match word.strip_prefix('-') {
        Some(short) if !short.starts_with('-') => {
            // Of several in one word, the first that takes a value has the rest of it.
            short.find(['m', 'F', 'C', 'c', 't']).is_some_and(|at| at + 1 == short.len())
        }
        _ => LONG.contains(&word),
    }
}

#[cfg(test)]
mod tests {
    use super::is_amending;

    #[test]
    fn the_option_is_told_from_a_value() {
        let check = |lines: &[&str], expected: bool| {
            let lines: Vec<Vec<String>> =
                lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect();
            assert_eq!(is_amending(&lines), expected, "{lines:?}");
        };
        check(&["git commit --amend"], true);
        check(&["/usr/bin/git -C x commit -am words --amend --no-edit"], true);
        check(&["sh .git/hooks/pre-commit", "git commit --am"], true);
        check(&["python pre-commit hook-impl", "git commit --amend", "bash"], true);
        check(&["git commit -m words"], false);
        check(&["git commit -m --amend"], false);
        check(&["git commit -am --amend"], false);
        check(&["git commit --message --amend"], false);
        check(&["git commit -mx --amend"], true);
        check(&["git commit -- --amend"], false);
        check(&["git commit --a"], false);
        check(&["git merge other", "git commit --amend"], false);
        check(&["bash -c commit", "make"], false);
        check(&[], false);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn somebody_runs_the_tests() {
        assert!(!super::command_lines().is_empty());
    }
}
