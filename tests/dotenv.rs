//! `.env`: where the database's URL usually stands, and what is told of one that cannot be read:
//! the number of the line, and never its text, which may hold a password.

use expect_test::expect;

use crate::common::Sandbox;

#[test]
fn the_line_is_named_and_not_shown() {
    let sandbox = Sandbox::new();
    sandbox.write(".env", "# a comment\nS3=s3cr3t\n\nS3 = s3cr3t word # twice\nS3\n");
    sandbox.run(["upgrade"]).check(expect![[r#"
            exit 2
            --- stderr
            error: <root>/.env:4: this line cannot be read
            hint: write it as NAME=value, with quotes around a value that has spaces or # in it
        "#]]);
    sandbox.write(".env", "A=S3\r\nS3\r\n");
    let _ = sandbox.run(["upgrade"]).exits(2).says(&["<root>/.env:2: this line cannot be read"]);
    sandbox.write(".env", b"A=\xff\n");
    sandbox.run(["upgrade"]).check(expect![[r#"
            exit 2
            --- stderr
            error: <root>/.env cannot be read: stream did not contain valid UTF-8
        "#]]);
}

#[test]
fn lines_after_the_url_do_not_matter() {
    let sandbox = Sandbox::new();
    sandbox.write(".env", "# ours\nOTHER='two\nlines'\nDATABASE_URL=app.db\nno line of ours\n");
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.write(".env", "OTHER='two\nlines'\nno line of ours\nDATABASE_URL=app.db\n");
    let _ = sandbox.run(["upgrade"]).exits(2).says(&["<root>/.env:3: this line cannot be read"]);
}
