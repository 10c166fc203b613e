//! Names of schema objects.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dialect::Dialect;

/// The name of a table, type, view or other object as the engine stores it (after folding of
/// unquoted identifiers). The default schema (`public`, `main`) is never spelled out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub schema: Option<String>,
    pub name: String,
}

impl Name {
    /// A name in the default schema.
    pub fn new(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// A name in a schema; the default schemas are dropped.
    pub fn qualified(schema: impl Into<String>, name: impl Into<String>) -> Self {
        let schema = schema.into();
        let schema = (schema != "public" && schema != "main").then_some(schema);
        Self { schema, name: name.into() }
    }

    /// The same schema with another name.
    pub fn with_name(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }

    /// Whether both name the same object in that dialect.
    pub fn same(&self, other: &Self, dialect: Dialect) -> bool {
        let schemas = match (&self.schema, &other.schema) {
            (None, None) => true,
            (Some(a), Some(b)) => dialect.same_name(a, b),
            _ => false,
        };
        schemas && dialect.same_name(&self.name, &other.name)
    }

    /// As SQL of that dialect, quoted where needed.
    pub fn sql(&self, dialect: Dialect) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", dialect.quote(schema), dialect.quote(&self.name)),
            None => dialect.quote(&self.name),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

// As one string, so that names can be keys of JSON maps: the schema is split off at the first
// U+0000, which no engine allows in a name.
impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.schema {
            Some(schema) => serializer.serialize_str(&format!("{schema}\0{}", self.name)),
            None => serializer.serialize_str(&self.name),
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.split_once('\0') {
            Some((schema, name)) => Self { schema: Some(schema.to_owned()), name: name.to_owned() },
            None => Self::new(text),
        })
    }
}
