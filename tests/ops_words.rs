//! Mistakes in `#[ops(…)]`: the command tells them in the words of the compiler, at the same line.

use ops_migrate::models::parse_file;

#[test]
fn the_command_says_what_the_compiler_says() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("derive/tests/ui");
    let mut cases = 0;
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let Ok(expected) = fs_err::read_to_string(path.with_extension("stderr")) else { continue };
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let file = path.file_name().unwrap().to_str().unwrap();
        let error = parse_file(file, &fs_err::read_to_string(&path).unwrap()).unwrap_err();
        let place = error.place.as_ref().unwrap();
        let told = format!("error: {}\n", error.message);
        assert!(expected.contains(&told), "{file}: {told}{expected}");
        assert!(
            expected.contains(&format!("--> tests/ui/{file}:{}:{}\n", place.line, place.column)),
            "{place}\n{expected}"
        );
        cases += 1;
    }
    assert!(cases > 10, "{cases}");
}
