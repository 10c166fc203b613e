//! From what the files say to tables: shared columns brought in, each column given its type, the
//! whole replayed as the SQL that says it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use ops_migrate_grammar::{self as grammar, Columns, Database, FieldSays, For, Says};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::read::{RawOwner, RustType};
use super::{OwnedTable, StatedHistory, ddl};
use crate::catalog::{Catalog, Expr, Name, Sequence, Shared, SqlType, Table};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::models::assemble::SqlTypes;
use crate::models::parse::Declarations;
use crate::models::types::{canonical, from_sql, is_diesels, sql_type_of};
use crate::models::{DieselType, ModelColumn, ModelTable, Models};
use crate::place::Place;
use crate::replay;

/// A struct with the shared columns of those that it embeds.
pub(super) struct Whole<'a> {
    pub(super) owner: &'a RawOwner,
    /// The struct itself first.
    pub(super) parts: Vec<&'a RawOwner>,
    pub(super) name: Name,
    pub(super) declared: Option<&'a ModelTable>,
    pub(super) columns: Vec<WholeColumn<'a>>,
    pub(super) key: Key,
}

/// The columns of a primary key by SQL name, and its name.
pub(super) struct Key {
    pub(super) columns: Vec<String>,
    pub(super) name: Option<String>,
}

/// A column, with where it is stated.
pub(super) struct WholeColumn<'a> {
    pub(super) of: &'a RawOwner,
    pub(super) field: &'a grammar::Field,
    pub(super) model: ModelColumn,
    /// `None` where `sql_type` states it.
    pub(super) ty: Option<SqlType>,
}

impl Whole<'_> {
    /// The SQL name of a column that is named by its Rust name.
    pub(super) fn sql_name(&self, of: &RawOwner, column: &grammar::Named) -> Result<String> {
        let found = self.columns.iter().find(|one| one.model.rust_name == column.name || one.model.name == column.name);
        found.map(|one| one.model.name.clone()).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|one| one.model.rust_name.as_str()).collect();
            Error::undecided(grammar::unknown_column(column, &names)).at(of.place(column.span))
        })
    }

    pub(super) fn sql_names(&self, of: &RawOwner, columns: &[grammar::Named]) -> Result<Vec<String>> {
        columns.iter().map(|column| self.sql_name(of, column)).collect()
    }

    /// What is said of the table for a dialect, shared statements included.
    pub(super) fn says(&self, dialect: Dialect) -> impl Iterator<Item = (&RawOwner, &Says)> {
        self.parts.iter().flat_map(move |owner| {
            owner.model.says.iter().filter(move |one| is_for(one.only, dialect)).map(move |one| (*owner, &one.says))
        })
    }
}

impl WholeColumn<'_> {
    /// What is said of the column for a dialect: what is said for it alone is stronger.
    pub(super) fn says(&self, dialect: Dialect) -> Vec<&FieldSays> {
        let fits: Vec<&For<FieldSays>> = self.field.says.iter().filter(|one| is_for(one.only, dialect)).collect();
        let weaker = |one: &For<FieldSays>| {
            one.only.is_none() && fits.iter().any(|other| other.only.is_some() && other.says.key() == one.says.key())
        };
        fits.iter().filter(|one| !weaker(one)).map(|one| &one.says).collect()
    }
}

fn is_for(only: Option<Database>, dialect: Dialect) -> bool {
    let of = match dialect {
        Dialect::Postgres => Database::Postgres,
        Dialect::Sqlite => Database::Sqlite,
        Dialect::Mysql => Database::Mysql,
    };
    only.is_none_or(|only| only == of)
}

/// What the statements of a struct give.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stated {
    table: Table,
    sequences: Vec<Sequence>,
}

/// What statements gave before, in this run or in earlier ones: a struct that did not change is not
/// replayed again.
#[derive(Debug, Default)]
pub struct Cache {
    /// By a hash of the dialect and the statements.
    known: HashMap<[u8; 32], Rc<Stated>>,
    asked: HashSet<[u8; 32]>,
    has_news: bool,
}

impl Cache {
    /// What was kept.
    pub fn recall(kept: Vec<([u8; 32], Stated)>) -> Self {
        let known = kept.into_iter().map(|(key, stated)| (key, Rc::new(stated))).collect();
        Self { known, ..Self::default() }
    }

    /// What is to be kept: what was asked for, where some of it is new.
    pub fn kept(&self) -> Option<Vec<([u8; 32], &Stated)>> {
        let asked = self.known.iter().filter(|(key, _)| self.asked.contains(*key));
        self.has_news.then(|| asked.map(|(key, stated)| (*key, &**stated)).collect())
    }

    fn get(&mut self, dialect: Dialect, sql: &str, replay: impl FnOnce() -> Result<Stated>) -> Result<Rc<Stated>> {
        let key: [u8; 32] = Sha256::digest(format!("{dialect}\n{sql}").as_bytes()).into();
        self.asked.insert(key);
        if let Some(known) = self.known.get(&key) {
            return Ok(Rc::clone(known));
        }
        let stated = Rc::new(replay()?);
        self.has_news = true;
        self.known.insert(key, Rc::clone(&stated));
        Ok(stated)
    }
}

/// Takes in the structs that state tables: they drive, and what `table!` says of the types that they
/// leave open counts beside them.
///
/// # Errors
/// Where a column has no type, a name means nothing, or the SQL of a statement does not parse.
pub fn own(
    models: &mut Models,
    files: &[(String, Rc<Declarations>)],
    dialect: Dialect,
    cache: &mut Cache,
) -> Result<()> {
    let all: Vec<&RawOwner> = files.iter().flat_map(|(_, found)| &found.owners).collect();
    if all.is_empty() {
        return Ok(());
    }
    let types = SqlTypes::of(files);
    let mut wholes = Vec::new();
    let declared = models.tables.clone();
    for owner in &all {
        if let Columns::Of(table) = &owner.model.columns {
            wholes.push(whole(owner, table, &all, &declared, &types, dialect)?);
        }
    }
    twice(&wholes)?;
    let tables = Tables { wholes: &wholes, declared: &declared };
    let mut found = Vec::new();
    for whole in &wholes {
        found.push(owned(whole, &tables, dialect, cache)?);
    }
    for owned in found {
        let name = owned.model.name.clone();
        models.tables.insert(name.clone(), owned.model.clone());
        models.owned.insert(name, owned);
    }
    Ok(())
}

/// Two structs that state one table.
fn twice(wholes: &[Whole<'_>]) -> Result<()> {
    for (at, whole) in wholes.iter().enumerate() {
        if let Some(first) = wholes[..at].iter().find(|first| first.name == whole.name) {
            return Err(Error::undecided(format!(
                "table {} is stated by two structs that derive OpsModel (the other is at {})",
                whole.name, first.owner.at
            ))
            .at(whole.owner.at.clone())
            .hint("derive it for the one that has every column, and leave it out of the other"));
        }
    }
    Ok(())
}

/// The tables that a foreign key can name.
pub(super) struct Tables<'a> {
    wholes: &'a [Whole<'a>],
    declared: &'a BTreeMap<Name, ModelTable>,
}

impl Tables<'_> {
    /// A table by its Rust or SQL name, and its columns: those asked for, else its key.
    pub(super) fn target(&self, of: &RawOwner, target: &grammar::Target) -> Result<(Name, Vec<String>)> {
        let name = &target.table.name;
        let sql = name.split_once('.').map_or_else(|| Name::new(name.clone()), |(a, b)| Name::qualified(a, b));
        let stated = self.wholes.iter().find(|one| {
            one.name == sql || matches!(&one.owner.model.columns, Columns::Of(table) if table.name == *name)
        });
        if let Some(whole) = stated {
            let columns = match target.columns.as_slice() {
                [] => whole.key.columns.clone(),
                columns => columns.iter().map(|column| whole.sql_name(of, column)).collect::<Result<_>>()?,
            };
            return Ok((whole.name.clone(), columns));
        }
        let declared = self.declared.values().find(|table| table.rust_name == *name || table.name == sql);
        let Some(table) = declared else {
            // Nobody's table may be there all the same.
            return Ok((sql, target.columns.iter().map(|column| column.name.clone()).collect()));
        };
        let mut columns = Vec::new();
        for column in &target.columns {
            let found = table.columns.iter().find(|one| one.rust_name == column.name || one.name == column.name);
            let names: Vec<&str> = table.columns.iter().map(|one| one.rust_name.as_str()).collect();
            let unknown = || Error::undecided(grammar::unknown_column(column, &names)).at(of.place(column.span));
            columns.push(found.ok_or_else(unknown)?.name.clone());
        }
        Ok((table.name.clone(), if columns.is_empty() { table.primary_key.clone() } else { columns }))
    }
}

fn whole<'a>(
    owner: &'a RawOwner,
    table: &grammar::Named,
    all: &[&'a RawOwner],
    declared: &'a BTreeMap<Name, ModelTable>,
    types: &SqlTypes<'_>,
    dialect: Dialect,
) -> Result<Whole<'a>> {
    let mut parts = Vec::new();
    embedded(owner, all, &mut Vec::new(), &mut parts)?;
    let declared = declared.values().find(|known| known.rust_name == table.name);
    let name = declared.map_or_else(|| Name::new(table.name.clone()), |declared| declared.name.clone());
    let mut columns: Vec<WholeColumn<'_>> = Vec::new();
    for of in &parts {
        for (field, rust) in of.model.fields.iter().zip(&of.types) {
            let column = column(of, field, &resolved(rust, types), declared, &name, dialect)?;
            let known = columns.iter().position(|first| first.model.name == column.model.name);
            if let Some(at) = known.filter(|at| owner.says_shared() && columns[*at].field.says.is_empty()) {
                // The field is how this struct reads the shared column.
                let at_field = columns[at].model.at.clone();
                columns[at] = WholeColumn { model: ModelColumn { at: at_field, ..column.model }, ..column };
                continue;
            }
            if let Some(first) = known.map(|at| &columns[at]) {
                return Err(Error::undecided(format!(
                    "column `{}` is stated twice (first at {})",
                    column.model.rust_name, first.model.at
                ))
                .at(column.model.at.clone()));
            }
            columns.push(column);
        }
    }
    let key = Key { columns: Vec::new(), name: None };
    let mut whole = Whole { owner, parts, name, declared, columns, key };
    whole.key = primary_key(&whole, dialect)?;
    for column in whole.columns.iter_mut().filter(|column| whole.key.columns.contains(&column.model.name)) {
        column.model.nullable = false;
    }
    Ok(whole)
}

/// A struct and those that it embeds, each once.
fn embedded<'a>(
    owner: &'a RawOwner,
    all: &[&'a RawOwner],
    above: &mut Vec<&'a str>,
    parts: &mut Vec<&'a RawOwner>,
) -> Result<()> {
    let own = owner.model.name.name.as_str();
    above.push(own);
    parts.push(owner);
    for embed in &owner.model.embeds {
        let of = embed.of.name.as_str();
        if let Some(start) = above.iter().position(|name| *name == of) {
            let circle: Vec<&str> = above[start..].iter().copied().chain([of]).collect();
            return Err(Error::undecided(format!("a cycle of embeds: {}", circle.join(" -> ")))
                .at(owner.place(embed.of.span))
                .hint("a struct cannot hold itself: take one of the embeds out"));
        }
        let shared = all.iter().find(|other| other.model.name.name == of);
        match shared.map(|other| (other, &other.model.columns)) {
            Some((other, Columns::Shared(_))) => embedded(other, all, above, parts)?,
            Some((other, Columns::Of(_))) => {
                return Err(Error::undecided(format!("{of} is a table of its own, not shared columns"))
                    .at(owner.place(embed.of.span))
                    .hint(format!("write #[ops(columns)] on {of} ({}), or skip the field: #[ops(skip)]", other.at)));
            }
            None => {
                return Err(Error::undecided(format!("{of} does not say which columns it brings"))
                    .at(owner.place(embed.of.span))
                    .hint(format!("derive OpsModel for {of} with #[ops(columns)], or skip the field: #[ops(skip)]")));
            }
        }
    }
    above.pop();
    Ok(())
}

/// What a field's Rust type tells, with what a type of the project's own stands for.
fn resolved(rust: &RustType, types: &SqlTypes<'_>) -> RustType {
    let mut rust = rust.clone();
    rust.stated.iter_mut().chain(&mut rust.certain).for_each(|ty| types.resolve(ty));
    rust
}

fn column<'a>(
    of: &'a RawOwner,
    field: &'a grammar::Field,
    rust: &RustType,
    declared: Option<&ModelTable>,
    table: &Name,
    dialect: Dialect,
) -> Result<WholeColumn<'a>> {
    let rust_name = field.column.name.clone();
    let known = declared.and_then(|table| table.columns.iter().find(|one| one.rust_name == rust_name));
    let at = of.place(field.column.span);
    let mut found = WholeColumn {
        of,
        field,
        model: ModelColumn {
            name: known.map_or_else(|| rust_name.clone(), |known| known.name.clone()),
            rust_name,
            ty: DieselType::default(),
            nullable: field.optional.or_else(|| known.map(|known| known.nullable)).unwrap_or_default(),
            max_length: None,
            auto_increment: false,
            other_forms: Vec::new(),
            partial: false,
            at,
        },
        ty: None,
    };
    let says = found.says(dialect);
    let stated_sql = says.iter().find_map(|says| match says {
        FieldSays::SqlType(text) => Some(text),
        _ => None,
    });
    let nullable = says.iter().find_map(|says| match says {
        FieldSays::Nullable(nullable, _) => Some(*nullable),
        _ => None,
    });
    let length = says.iter().find_map(|says| match says {
        FieldSays::MaxLength(length, _) => Some(*length),
        _ => None,
    });
    let precision = says.iter().find_map(|says| match says {
        FieldSays::Precision(digits, scale, _) => Some((*digits, *scale)),
        _ => None,
    });
    let stated_null = rust.stated.clone().map(DieselType::without_nullable);
    let from_rust = stated_null.map(|(ty, _)| ty).or_else(|| rust.certain.clone());
    let from_table = known.map(|known| known.ty.clone()).filter(|ty| suits(rust, ty));
    let sql_type = match stated_sql {
        Some(text) => Some(replayed_type(&text.value, table, &of.place(text.span), dialect)?),
        None => None,
    };
    let from_sql = sql_type.as_ref().map(|ty| from_sql(ty, dialect));
    let Some(ty) = from_table.or(from_rust).or(from_sql) else {
        return Err(Error::undecided(format!(
            "{table}.{}: nothing tells which SQL type {} is",
            found.model.name,
            rust_words(rust)
        ))
        .at(found.model.at.clone())
        .hint("write it: #[ops(sql_type = \"…\")], or declare the column in table!"));
    };
    let computed = match (&sql_type, precision) {
        (Some(_), _) => None,
        (None, Some((digits, scale))) => Some(with_precision(&ty, digits, scale, dialect)),
        (None, None) => {
            let probe = ModelColumn { ty: ty.clone(), max_length: length, ..found.model.clone() };
            let named = crate::models::types::sql_type(&probe, dialect);
            Some(named.ok_or_else(|| {
                Error::undecided(format!("{table}.{} has the type {ty}, which {dialect} has no name for", probe.name))
                    .at(probe.at.clone())
                    .hint("write it: #[ops(sql_type = \"…\")]")
            })?)
        }
    };
    found.model.nullable = nullable.unwrap_or(found.model.nullable);
    found.model.ty = ty;
    found.model.max_length = length;
    found.ty = computed;
    Ok(found)
}

fn rust_words(rust: &RustType) -> String {
    if rust.name.is_empty() { "it".to_owned() } else { rust.name.clone() }
}

/// Whether a type of `table!` can be read into a field. Types that are not Diesel's and Rust types
/// that stand for several can be anything.
pub(super) fn suits(rust: &RustType, declared: &DieselType) -> bool {
    if let Some(stated) = &rust.stated {
        return canonical(&stated.clone().without_nullable().0) == canonical(declared);
    }
    let Some(certain) = &rust.certain else { return true };
    if declared.sql_name.is_some() || !is_diesels(&declared.name) {
        return true;
    }
    let (certain, declared) = (canonical(certain), canonical(declared));
    let others: &[&str] = match certain.as_str() {
        "Text" => &["Citext", "Json", "Uuid", "Inet", "MacAddr", "Numeric", "Date", "Timestamp", "Time"],
        "Timestamp" => &["Timestamptz", "TimestamptzSqlite"],
        "Timestamptz" => &["Timestamp", "TimestamptzSqlite"],
        "Jsonb" => &["Json", "Text"],
        "Uuid" => &["Binary", "Text"],
        "BigInt" => &["Money", "Timestamp"],
        "SmallInt" | "Bool" => &["TinyInt"],
        "Integer" => &["Bool"],
        "Binary" => &["MacAddr", "Uuid", "Text"],
        _ => &[],
    };
    certain == declared || others.contains(&declared.as_str()) || declared.starts_with("Unsigned")
}

fn with_precision(ty: &DieselType, digits: u32, scale: Option<i32>, dialect: Dialect) -> SqlType {
    let args = [Some(digits.to_string()), scale.map(|scale| scale.to_string())].into_iter().flatten().collect();
    let base = match (dialect, sql_type_of(ty, dialect)) {
        // Of a time the precision is its fractional digits.
        (_, Some(base)) if base.base.starts_with("time") || base.base == "datetime" => base.base,
        (Dialect::Mysql, _) => "decimal".to_owned(),
        (Dialect::Sqlite, _) => "NUMERIC".to_owned(),
        (Dialect::Postgres, _) => "numeric".to_owned(),
    };
    SqlType::with_args(&base, args, 0, dialect)
}

/// A type as the replay reads it.
fn replayed_type(text: &str, table: &Name, at: &Place, dialect: Dialect) -> Result<SqlType> {
    let sql = format!("CREATE TABLE t (c {text});");
    let mut catalog = Catalog::empty(dialect);
    let wrong = || Error::undecided(format!("{table}: {text:?} is no type of {dialect}")).at(at.clone());
    replay::apply(&mut catalog, &sql, "").map_err(|_| wrong())?;
    let column = catalog.table(&Name::new("t")).and_then(|table| table.columns.first());
    column.map(|column| column.ty.clone()).ok_or_else(wrong)
}

/// What the struct says, else what Diesel's attribute or `table!` says, else `id`.
fn primary_key(whole: &Whole<'_>, dialect: Dialect) -> Result<Key> {
    for (of, says) in whole.says(dialect) {
        if let Says::PrimaryKey(key) = says {
            let name = key.name.as_ref().map(|name| name.value.clone());
            return Ok(Key { columns: whole.sql_names(of, &key.columns)?, name });
        }
    }
    let says_key =
        |column: &&WholeColumn<'_>| column.says(dialect).iter().any(|says| matches!(says, FieldSays::PrimaryKey(_)));
    let fields: Vec<String> = whole.columns.iter().filter(says_key).map(|column| column.model.name.clone()).collect();
    let columns = if !fields.is_empty() {
        fields
    } else if !whole.owner.model.diesel_key.is_empty() {
        whole.sql_names(whole.owner, &whole.owner.model.diesel_key)?
    } else if let Some(declared) = whole.declared {
        declared
            .primary_key
            .iter()
            .filter(|key| whole.columns.iter().any(|column| column.model.name == **key))
            .cloned()
            .collect()
    } else {
        whole
            .columns
            .iter()
            .filter(|column| column.model.name == "id")
            .map(|column| column.model.name.clone())
            .collect()
    };
    if columns.is_empty() {
        return Err(Error::undecided(format!("{} has no primary key", whole.name))
            .at(whole.owner.at.clone())
            .hint("say it of a field: #[ops(primary_key)]; a table without one: #[ops(primary_key())]"));
    }
    Ok(Key { columns, name: None })
}

fn owned(whole: &Whole<'_>, tables: &Tables<'_>, dialect: Dialect, cache: &mut Cache) -> Result<OwnedTable> {
    let written = ddl::write(whole, tables, dialect)?;
    let stated = cache.get(dialect, &written.sql, || replayed(whole, tables, dialect, &written.sql))?;
    let Stated { table, sequences } = (*stated).clone();
    let places = written.places_of(&table, &whole.owner.at);
    let mut found = OwnedTable {
        dialect,
        sequences,
        model: model_table(whole),
        declared: whole.declared.cloned(),
        concurrent: written.concurrent(&table),
        places,
        table,
        renamed_from: whole.says(dialect).find_map(|(_, says)| match says {
            Says::RenamedFrom(text) => Some(text.value.clone()),
            _ => None,
        }),
        history: whole.says(dialect).find_map(|(of, says)| match says {
            Says::History(history) => Some(StatedHistory {
                suffix: history.suffix.as_ref().map(|suffix| suffix.value.clone()),
                keep: history.keep,
                at: of.place(history.span),
            }),
            _ => None,
        }),
        renamed_columns: BTreeMap::new(),
        backfills: BTreeMap::new(),
        using: BTreeMap::new(),
        embeds: whole.parts[1..].iter().map(|part| part.model.name.name.clone()).collect::<BTreeSet<_>>(),
    };
    for column in &whole.columns {
        let name = || column.model.name.clone();
        for says in column.says(dialect) {
            match says {
                FieldSays::RenamedFrom(text) => drop(found.renamed_columns.insert(name(), text.value.clone())),
                FieldSays::Backfill(text) => drop(found.backfills.insert(name(), Expr::new(text.value.clone()))),
                FieldSays::Using(text) => drop(found.using.insert(name(), Expr::new(text.value.clone()))),
                _ => {}
            }
        }
    }
    Ok(found)
}

fn replayed(whole: &Whole<'_>, tables: &Tables<'_>, dialect: Dialect, sql: &str) -> Result<Stated> {
    let mut catalog = Catalog::empty(dialect);
    let wrong = |text: &str| Error::undecided(format!("{}: {text}", whole.name)).at(whole.owner.at.clone());
    let replayed = replay::apply(&mut catalog, sql, "");
    if replayed.is_err() || !catalog.uncertain.is_empty() {
        return Err(mistake(whole, tables, dialect).unwrap_or_else(|| wrong("its SQL cannot be followed")));
    }
    let table = catalog
        .tables
        .remove(&whole.name)
        .map(Shared::into_inner)
        .ok_or_else(|| wrong("the statements give no table"))?;
    Ok(Stated { table, sequences: catalog.sequences.into_values().collect() })
}

/// What is wrong with the SQL of a struct, at the text that it is wrong in.
fn mistake(whole: &Whole<'_>, tables: &Tables<'_>, dialect: Dialect) -> Option<Error> {
    let written = ddl::write_marked(whole, tables, dialect).ok()?;
    let mut catalog = Catalog::empty(dialect);
    let (text, at) = match replay::apply(&mut catalog, &written.sql, "") {
        Err(error) => (error.message, error.place),
        Ok(()) => catalog.uncertain.into_iter().next().map(|doubt| (doubt.reason, Some(doubt.at)))?,
    };
    let stated = at.as_ref().and_then(|at| written.stated_at(at)).unwrap_or(&whole.owner.at);
    Some(Error::undecided(format!("{}: {text}", whole.name)).at(stated.clone()))
}

fn model_table(whole: &Whole<'_>) -> ModelTable {
    let rust_name = match &whole.owner.model.columns {
        Columns::Of(table) => table.name.clone(),
        Columns::Shared(_) => whole.name.name.clone(),
    };
    ModelTable {
        name: whole.name.clone(),
        rust_name,
        columns: whole.columns.iter().map(|column| column.model.clone()).collect(),
        primary_key: whole.key.columns.clone(),
        other_keys: Vec::new(),
        is_view: false,
        conditional: false,
        at: whole.owner.at.clone(),
    }
}
