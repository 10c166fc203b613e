//! `upgrade` and `rollback` with `--format json`: an object a line, as it happens.

use serde_json::Value;

use crate::common::{Output, Sandbox};

/// The lines; durations are not the same everywhere.
fn events(output: &Output) -> Vec<Value> {
    let parse = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if let Some(duration) = value.get_mut("duration_ms") {
            assert!(duration.is_u64());
            *duration = 0.into();
        }
        value
    };
    output.stdout.lines().map(parse).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn a_run_is_told_line_by_line() {
    let sandbox = Sandbox::with_chain();
    let output = sandbox.run(["upgrade", "+2", "--format", "json"]).exits(0);
    assert_eq!(output.stderr, "");
    let found = events(&output);
    assert_eq!(kinds(&found), ["plan", "started", "finished", "started", "finished", "done"]);
    assert_eq!(found[0]["direction"], "up");
    assert_eq!(found[0]["steps"][1]["version"], "20240201000000");
    assert_eq!(
        found[3],
        serde_json::json!({ "event": "started", "version": "20240201000000",
        "name": "2024-02-01-000000_create_posts", "number": 2, "total": 2 })
    );
    assert_eq!(found[5], serde_json::json!({ "event": "done", "steps": 2, "duration_ms": 0 }));
    let nothing = events(&sandbox.run(["upgrade", "202402", "--format", "json"]).exits(0));
    assert_eq!((kinds(&nothing), &nothing[0]["steps"]), (vec!["plan"], &serde_json::json!([])));
}

#[test]
fn the_plan_has_what_it_loses() {
    let sandbox = Sandbox::applied();
    sandbox.execute("INSERT INTO users (id, name, bio) VALUES (1, 'a', 'b'), (2, 'c', NULL)");
    let _ = sandbox.run(["protect", "--reason", "live"]).exits(0);
    let found = events(&sandbox.run(["rollback", "-2", "--plan", "--format", "json"]).exits(0));
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0]["losses"],
        serde_json::json!([{ "what": "the values of users.bio", "rows": 1 }, { "what": "the rows of posts", "rows": 0 }])
    );
    assert_eq!(found[0]["protected"]["reason"], "live");
}

#[test]
fn a_failure_is_an_event_and_an_exit_code() {
    let sandbox = Sandbox::with_chain();
    sandbox.revision("2024-04-01-000000_bad", "CREATE TABLE users (id INTEGER);\n", "SELECT 1;\n");
    let output =
        sandbox.run(["upgrade", "--format", "json"]).exits(1).says(&["error: migrations/2024-04-01-000000_bad"]);
    let found = events(&output);
    let last = found.last().unwrap();
    assert_eq!((&last["event"], &last["version"]), (&"failed".into(), &"20240401000000".into()));
    assert!(last["error"].as_str().unwrap().contains("already exists"));
}
