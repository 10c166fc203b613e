//! Sequences: their options in the one spelling that the catalog compares, and what owns them.

use super::Replay;
use super::cursor::Cursor;
use super::table::next_of;
use super::types::columns_mut;
use crate::catalog::{AutoValue, Name, Sequence};

/// The options of a sequence (PostgreSQL manual, CREATE SEQUENCE).
#[derive(Default)]
struct Options {
    ty: Option<String>,
    increment: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    start: Option<i64>,
    cache: Option<i64>,
    cycle: bool,
}

impl Options {
    /// Reads options, on top of those that are there.
    fn read(&mut self, cx: &mut Cursor<'_>) {
        while !cx.is_done() && !cx.is("owned") {
            if cx.eat("as") {
                self.ty = Some(cx.sql_type(&OPTION_WORDS).to_string());
            } else if cx.eat("increment") {
                cx.eat("by");
                self.increment = cx.integer();
            } else if cx.eat("minvalue") {
                self.min = cx.integer();
            } else if cx.eat("maxvalue") {
                self.max = cx.integer();
            } else if cx.eat_all(&["no", "minvalue"]) {
                self.min = None;
            } else if cx.eat_all(&["no", "maxvalue"]) {
                self.max = None;
            } else if cx.eat("start") {
                cx.eat("with");
                self.start = cx.integer();
            } else if cx.eat("cache") {
                self.cache = cx.integer();
            } else if cx.eat_all(&["no", "cycle"]) {
                self.cycle = false;
            } else if cx.eat("cycle") {
                self.cycle = true;
            } else {
                cx.skip_one();
            }
        }
    }

    /// The options that are not the default, in the manual's order. An `owner` gives its type.
    fn text(&self, owner: Option<&str>) -> String {
        let ty = self.ty.as_deref().or(owner).unwrap_or("bigint");
        let (type_min, type_max) = match ty {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let increment = self.increment.unwrap_or(1);
        let (min, max) = if increment > 0 { (1, type_max) } else { (type_min, -1) };
        let start = if increment > 0 { self.min.unwrap_or(min) } else { self.max.unwrap_or(max) };
        let numbers = [
            ("INCREMENT BY", self.increment, 1),
            ("MINVALUE", self.min, min),
            ("MAXVALUE", self.max, max),
            ("START WITH", self.start, start),
            ("CACHE", self.cache, 1),
        ];
        let mut words = Vec::new();
        if owner.is_none() && ty != "bigint" {
            words.push(format!("AS {ty}"));
        }
        let set = |(word, is, default): (&str, Option<i64>, i64)| {
            is.filter(|is| *is != default).map(|is| format!("{word} {is}"))
        };
        words.extend(numbers.into_iter().filter_map(set));
        if self.cycle {
            words.push("CYCLE".to_owned());
        }
        words.join(" ")
    }
}

const OPTION_WORDS: [&str; 9] =
    ["increment", "minvalue", "maxvalue", "no", "start", "cache", "cycle", "owned", "restart"];

/// The options of an identity column, in the catalog's spelling.
pub(super) fn identity_options(cx: &mut Cursor<'_>, column_type: &str) -> String {
    let mut options = Options::default();
    options.read(cx);
    options.text(Some(column_type))
}

/// The options of an identity column after SET and RESTART.
pub(super) fn changed_identity(old: &str, cx: &mut Cursor<'_>, column_type: &str) -> String {
    let mut options = Options::default();
    options.read(&mut Cursor::new(old));
    options.read(cx);
    options.text(Some(column_type))
}

impl Replay<'_> {
    pub(super) fn create_sequence(&mut self, mut cx: Cursor<'_>) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if self.is_relation(&name) {
            return self.exists("sequence", &name, tolerant);
        }
        let mut options = Options::default();
        options.read(&mut cx);
        let owned_by = owner(&mut cx).flatten();
        options.read(&mut cx);
        let options = self.sequence_text(&options, owned_by.as_ref());
        self.catalog.sequences.insert(name.clone(), Sequence { name, options, owned_by });
    }

    /// A sequence that a column owns has the column's type mostly, which is not spelled then.
    fn sequence_text(&self, options: &Options, owned_by: Option<&(Name, String)>) -> String {
        match owned_by {
            Some(_) => options.text(Some(options.ty.as_deref().unwrap_or("bigint"))),
            None => options.text(None),
        }
    }

    pub(super) fn alter_sequence(&mut self, mut cx: Cursor<'_>) {
        let tolerant = cx.if_exists();
        let Some(name) = cx.name() else { return };
        if !self.catalog.sequences.contains_key(&name) {
            return self.unknown("alters", "sequence", &name, tolerant);
        }
        self.alter_sequence_named(&name, cx);
    }

    pub(super) fn alter_sequence_named(&mut self, name: &Name, mut cx: Cursor<'_>) {
        if cx.eat_all(&["rename", "to"]) {
            if let Some(new) = cx.ident() {
                self.rename_sequence(name, &name.with_name(new));
            }
        } else if cx.eat_all(&["set", "schema"]) {
            if let Some(schema) = cx.ident() {
                self.rename_sequence(name, &Name::qualified(schema, name.name.clone()));
            }
        } else {
            self.change_sequence(name, &mut cx);
        }
    }

    pub(super) fn rename_sequence(&mut self, from: &Name, to: &Name) {
        let Some(mut sequence) = self.catalog.sequences.remove(from) else { return };
        sequence.name = to.clone();
        self.catalog.sequences.insert(to.clone(), sequence);
        for column in columns_mut(self.catalog) {
            if column.auto == Some(AutoValue::Serial { sequence: from.clone() }) {
                column.auto = Some(AutoValue::Serial { sequence: to.clone() });
            } else if let Some(default) = column.default.as_mut().filter(|d| d.sql.contains("nextval")) {
                let (old, new) = (format!("'{from}'"), format!("'{to}'"));
                default.sql = default.sql.replace(&old, &new);
            }
        }
    }

    fn change_sequence(&mut self, name: &Name, cx: &mut Cursor<'_>) {
        let Some(sequence) = self.catalog.sequences.get(name) else { return };
        let mut options = Options::default();
        options.read(&mut Cursor::new(&sequence.options));
        options.read(cx);
        let mut owned_by = sequence.owned_by.clone();
        let given = owner(cx);
        if let Some(given) = given.clone() {
            if let Some(ty) = self.disown_sequence(name, owned_by.as_ref()) {
                options.ty = options.ty.or(Some(ty));
            }
            owned_by = given;
        }
        options.read(cx);
        let text = self.sequence_text(&options, owned_by.as_ref());
        if let Some(sequence) = self.catalog.sequences.get_mut(name) {
            sequence.options = text;
            sequence.owned_by = owned_by;
        }
        if let Some(Some((table, column))) = given {
            self.adopt_sequence(name, &table, &column);
        }
    }

    /// A `serial` column without its sequence has an ordinary default; the column's type.
    fn disown_sequence(&mut self, sequence: &Name, owner: Option<&(Name, String)>) -> Option<String> {
        let (table, column) = owner?;
        let mut ty = None;
        self.with_column(table, column, |c| {
            if c.auto == Some(AutoValue::Serial { sequence: sequence.clone() }) {
                c.auto = None;
                c.default = Some(next_of(sequence));
                ty = Some(c.ty.base.clone());
            }
        });
        ty
    }

    /// A default of `nextval` of a sequence that the column owns is what `serial` makes.
    pub(super) fn adopt_sequence(&mut self, sequence: &Name, table: &Name, column: &str) {
        self.with_column(table, column, |c| {
            if c.default.as_ref().is_some_and(|d| is_next_of(&d.sql, sequence)) {
                c.default = None;
                c.auto = Some(AutoValue::Serial { sequence: sequence.clone() });
            }
        });
    }

    /// The sequence of a column that a default takes its values from, where the column owns it.
    pub(super) fn owned_sequence(&self, table: &Name, column: &str, default: &str) -> Option<Name> {
        let owns = |s: &&Sequence| s.owned_by.as_ref().is_some_and(|(t, c)| t == table && c == column);
        self.catalog.sequences.values().filter(owns).find(|s| is_next_of(default, &s.name)).map(|s| s.name.clone())
    }

    pub(super) fn drop_sequence(&mut self, mut cx: Cursor<'_>, tolerant: bool, cascade: bool) {
        let Some(name) = cx.name() else { return };
        if self.catalog.sequences.remove(&name).is_none() {
            return self.unknown("drops", "sequence", &name, tolerant);
        }
        if cascade {
            for column in columns_mut(self.catalog) {
                if column.auto == Some(AutoValue::Serial { sequence: name.clone() }) {
                    column.auto = None;
                }
                if column.default.as_ref().is_some_and(|d| is_next_of(&d.sql, &name)) {
                    column.default = None;
                }
            }
        }
    }
}

/// Whether the expression is `nextval` of that sequence.
fn is_next_of(default: &str, sequence: &Name) -> bool {
    let mut cx = Cursor::new(default);
    if !cx.eat("nextval") {
        return false;
    }
    let named = cx.group().and_then(|mut g| g.next()).and_then(|t| t.value()).unwrap_or_default();
    let named = Cursor::new(&named).name();
    named.as_ref() == Some(sequence)
}

/// What `OWNED BY` says: `None` where it is not there, `Some(None)` for `NONE`.
fn owner(cx: &mut Cursor<'_>) -> Option<Option<(Name, String)>> {
    if !cx.eat_all(&["owned", "by"]) {
        return None;
    }
    let mut path = cx.path();
    let column = path.pop()?;
    let Some(table) = path.pop() else { return Some(None) };
    let table = match path.pop() {
        Some(schema) => Name::qualified(schema, table),
        None => Name::new(table),
    };
    Some(Some((table, column)))
}
