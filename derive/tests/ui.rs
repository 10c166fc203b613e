//! What the derive says to attributes that are wrong, at which token; and that it says nothing to
//! those that are right. The command's own tests hold it to the same words.

#[test]
fn mistakes_are_told_at_their_token() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass.rs");
    cases.compile_fail("tests/ui/[!p]*.rs");
}
