//! Rust enums that map to an enum type of the database: `DbEnum` of diesel-derive-enum and Diesel's
//! own `Enum` (diesel 2.4), with the labels that they give to the variants. Enums stored as text or
//! number bind to a type that no declaration names, and fall out where names are resolved.

use serde::{Deserialize, Serialize};
use syn::ItemEnum;
use syn::ext::IdentExt as _;

use super::attributes::{Entry, derives, diesel_text, entries, is_for_tests, last_segment};
use crate::catalog::Name;
use crate::place::Place;

/// An enum as written in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEnum {
    /// The Rust name of the SQL type that it is bound to.
    pub rust_type: String,
    /// What the SQL type is called where the derive makes the Rust type itself; `None` where a
    /// declaration of the SQL type must say.
    pub sql_name: Option<Name>,
    /// SQL labels in the order of the variants.
    pub values: Vec<String>,
    pub at: Place,
}

/// How a derive takes a variant's name apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// A word starts at every capital (diesel_attribute_parser, as serde does it).
    Diesel,
    /// A run of capitals is one word (the heck crate).
    DbEnum,
}

/// Reads an enum; empty where it does not derive a mapping. Diesel's derive may name several types.
pub(super) fn read_enum(item: &ItemEnum, at: &Place) -> Vec<RawEnum> {
    let attributes = entries(&item.attrs);
    let derived = derives(&attributes);
    let derives = |name: &str| derived.iter().any(|path| last_segment(path) == name);
    let one = |(rust_type, sql_name), values| RawEnum { rust_type, sql_name, values, at: at.clone() };
    if derives("DbEnum") {
        let style = option(&attributes, "DbValueStyle", "value_style").unwrap_or_else(|| "snake_case".to_owned());
        let values = labels(item, &style, Rules::DbEnum, |variant| option(variant, "db_rename", "rename"));
        return vec![one(db_enum_type(&attributes, &item.ident.unraw().to_string()), values)];
    }
    if derives("Enum") {
        let style = diesel_text(&attributes, "rename_all").unwrap_or_default();
        let values = labels(item, &style, Rules::Diesel, |variant| diesel_text(variant, "rename"));
        // Another crate's `Enum` has none of these.
        let sql_types = attributes.iter().filter(|entry| entry.diesel && entry.key == "sql_type");
        return sql_types.filter_map(Entry::last_segment).map(|ty| one((ty, None), values.clone())).collect();
    }
    Vec::new()
}

/// The Rust type that a `DbEnum` binds to, and its SQL name where the derive makes that type.
fn db_enum_type(attributes: &[Entry], rust_name: &str) -> (String, Option<Name>) {
    // The attribute for an existing type had three names in the course of time.
    let existing = option(attributes, "ExistingTypePath", "existing_type_path")
        .or_else(|| option(attributes, "DieselTypePath", "diesel_type_path"))
        .or_else(|| option(attributes, "DieselExistingType", "diesel_existing_type"));
    if let Some(path) = existing {
        return (last_segment(&path), None);
    }
    let name = option(attributes, "PgType", "pg_type").unwrap_or_else(|| words(rust_name, Rules::DbEnum).join("_"));
    let name = match option(attributes, "PgSchema", "pg_schema") {
        Some(schema) => Name::qualified(schema, name),
        None => Name::new(name),
    };
    let made = option(attributes, "DieselType", "diesel_type").unwrap_or_else(|| format!("{rust_name}Mapping"));
    (made, Some(name))
}

/// An option of `DbEnum`: an attribute of its own, or an entry of `#[db_enum(…)]` (since 3.0).
fn option(attributes: &[Entry], own: &str, inner: &str) -> Option<String> {
    attributes.iter().find_map(|entry| match entry.key.as_str() {
        "db_enum" => entry.inner().iter().find(|e| e.key == inner).and_then(Entry::text),
        key if key == own => entry.text(),
        _ => None,
    })
}

fn labels(item: &ItemEnum, style: &str, rules: Rules, renamed: impl Fn(&[Entry]) -> Option<String>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for variant in item.variants.iter().filter(|variant| !is_for_tests(&variant.attrs)) {
        let label = renamed(&entries(&variant.attrs))
            .unwrap_or_else(|| styled(&variant.ident.unraw().to_string(), style, rules));
        // The same variant under two `cfg`s is one label.
        if !values.contains(&label) {
            values.push(label);
        }
    }
    values
}

/// A variant's name in a style; a style that neither derive knows leaves it as it is.
fn styled(name: &str, style: &str, rules: Rules) -> String {
    let snake = || words(name, rules).join("_");
    match style {
        "lowercase" => name.to_lowercase(),
        "UPPERCASE" => name.to_uppercase(),
        "snake_case" => snake(),
        "SCREAMING_SNAKE_CASE" => snake().to_uppercase(),
        "kebab-case" => snake().replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => snake().to_uppercase().replace('_', "-"),
        "PascalCase" => pascal(name, rules),
        "camelCase" => with_first(&pascal(name, rules), |first| first.to_lowercase().collect()),
        _ => name.to_owned(),
    }
}

fn pascal(name: &str, rules: Rules) -> String {
    match rules {
        // A variant is called so already.
        Rules::Diesel => name.to_owned(),
        Rules::DbEnum => {
            words(name, rules).iter().map(|word| with_first(word, |first| first.to_uppercase().collect())).collect()
        }
    }
}

fn with_first(text: &str, change: impl Fn(char) -> String) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| change(first) + chars.as_str())
}

/// The words of an identifier in lower case.
fn words(name: &str, rules: Rules) -> Vec<String> {
    let parts: Vec<&str> = match rules {
        Rules::Diesel => vec![name],
        Rules::DbEnum => name.split('_').filter(|part| !part.is_empty()).collect(),
    };
    let mut words = Vec::new();
    for part in parts {
        let chars: Vec<char> = part.chars().collect();
        let mut start = 0;
        for at in 1..chars.len() {
            if starts_word(&chars, start, at, rules) {
                words.push(chars[start..at].iter().collect::<String>().to_lowercase());
                start = at;
            }
        }
        words.push(chars[start..].iter().collect::<String>().to_lowercase());
    }
    words
}

/// Whether a new word starts at `at`, in the word that began at `start`.
fn starts_word(chars: &[char], start: usize, at: usize, rules: Rules) -> bool {
    if !chars[at].is_uppercase() || rules == Rules::Diesel {
        return chars[at].is_uppercase();
    }
    // Digits belong to the letter before them.
    match chars[start..at].iter().rev().find(|c| c.is_lowercase() || c.is_uppercase()) {
        Some(before) if before.is_lowercase() => true,
        Some(_) => chars.get(at + 1).is_some_and(|next| next.is_lowercase()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Rules, read_enum, styled};
    use crate::place::Place;

    #[test]
    fn variants_are_labelled_as_each_derive_does_it() {
        // Style, name, with Diesel's derive, with DbEnum.
        let cases = [
            ("lowercase", "BazQuxx", "bazquxx", "bazquxx"),
            ("UPPERCASE", "BazQuxx", "BAZQUXX", "BAZQUXX"),
            ("PascalCase", "BazQuxx", "BazQuxx", "BazQuxx"),
            ("camelCase", "BazQuxx", "bazQuxx", "bazQuxx"),
            ("snake_case", "BazQuxx", "baz_quxx", "baz_quxx"),
            ("SCREAMING_SNAKE_CASE", "BazQuxx", "BAZ_QUXX", "BAZ_QUXX"),
            ("kebab-case", "BazQuxx", "baz-quxx", "baz-quxx"),
            ("SCREAMING-KEBAB-CASE", "BazQuxx", "BAZ-QUXX", "BAZ-QUXX"),
            ("verbatim", "BazQuxx", "BazQuxx", "BazQuxx"),
            ("", "BazQuxx", "BazQuxx", "BazQuxx"),
            ("snake_case", "HTTPServer", "h_t_t_p_server", "http_server"),
            ("camelCase", "HTTPServer", "hTTPServer", "httpServer"),
            ("PascalCase", "HTTPServer", "HTTPServer", "HttpServer"),
            ("snake_case", "Sha256", "sha256", "sha256"),
            ("snake_case", "V2Beta", "v2_beta", "v2_beta"),
            ("snake_case", "OK", "o_k", "ok"),
            ("snake_case", "A_2Bc", "a_2_bc", "a_2bc"),
            ("kebab-case", "Foo_Bar", "foo--bar", "foo-bar"),
            ("SCREAMING_SNAKE_CASE", "LAUNCHED", "L_A_U_N_C_H_E_D", "LAUNCHED"),
        ];
        for (style, name, diesel, db_enum) in cases {
            let found = (styled(name, style, Rules::Diesel), styled(name, style, Rules::DbEnum));
            assert_eq!(found, (diesel.to_owned(), db_enum.to_owned()), "{name} in {style}");
        }
    }

    /// Each binding as `rust type = sql name: labels`.
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = read_enum(&syn::parse_str(text).unwrap(), &Place::default())
            .into_iter()
            .map(|raw| {
                let name = raw.sql_name.map(|name| format!(" = {name}")).unwrap_or_default();
                format!("{}{name}: {}", raw.rust_type, raw.values.join(" "))
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn each_derive_has_its_attributes() {
        let cases: [(&str, &[&str]); 16] = [
            (
                "#[derive(diesel::Enum)] #[diesel(sql_type = crate::sql_types::Color)] enum C { RedOne }",
                &["Color: RedOne"],
            ),
            (
                "#[derive(Enum)] #[diesel(sql_type = Color, rename_all = \"UPPERCASE\")] enum C { RedOne, #[diesel(rename = \"grün\")] Green }",
                &["Color: REDONE grün"],
            ),
            (
                "#[cfg_attr(feature = \"db\", derive(diesel::types::Enum))] #[diesel(sql_type = A)] #[diesel(sql_type = B)] enum C { X }",
                &["A: X", "B: X"],
            ),
            ("#[derive(enum_map::Enum)] enum C { X }", &[]),
            ("#[derive(Debug, strum::EnumIter)] #[diesel(sql_type = A)] enum C { X }", &[]),
            ("#[derive(DbEnum)] enum MoodOfDay { VeryGood }", &["MoodOfDayMapping = mood_of_day: very_good"]),
            ("#[derive(DbEnum)] #[PgType = \"Mood\"] #[DieselType = \"Own\"] enum M { A }", &["Own = Mood: a"]),
            ("#[derive(DbEnum)] #[PgSchema = \"app\"] enum M { A }", &["MMapping = app.m: a"]),
            ("#[derive(DbEnum)] #[ExistingTypePath = \"crate::schema::sql_types::Mood\"] enum M { A }", &["Mood: a"]),
            ("#[derive(DbEnum)] #[DieselTypePath = \"crate::schema::sql_types::Mood\"] enum M { A }", &["Mood: a"]),
            (
                "#[derive(DbEnum)] #[DieselExistingType = \"MoodPg\"] #[DieselType = \"Mood_mapping\"] enum M { A }",
                &["MoodPg: a"],
            ),
            (
                "#[derive(DbEnum)] #[db_enum(existing_type_path = \"a::Mood\", value_style = \"PascalCase\")] enum M { OneTwo, #[db_enum(rename = \"3\")] Three }",
                &["Mood: OneTwo 3"],
            ),
            (
                "#[derive(DbEnum)] #[db_enum(pg_type = \"x\", diesel_type = \"X\")] enum M { #[serde(rename = \"no\")] A }",
                &["X = x: a"],
            ),
            (
                "#[derive(DbEnum)] #[DbValueStyle = \"SCREAMING_SNAKE_CASE\"] #[serde(rename_all = \"lowercase\")] enum M { OneTwo, #[db_rename = \"so-so\"] SoSo }",
                &["MMapping = m: ONE_TWO so-so"],
            ),
            (
                "#[derive(DbEnum)] enum M { A, #[cfg(test)] Fake, #[cfg(unix)] B, #[cfg(windows)] B }",
                &["MMapping = m: a b"],
            ),
            ("#[cfg_attr(test, derive(DbEnum))] enum M { A }", &[]),
        ];
        for (text, expected) in cases {
            check(text, expected);
        }
    }
}
