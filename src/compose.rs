//! The database service of a compose file, so that a server that is down can be started by the
//! command that its project uses.

use yaml_rust2::{Yaml, YamlLoader};

use crate::dialect::Dialect;

/// Compose files by the names that docker looks for, the preferred one first
/// (docs.docker.com/compose/intro/compose-application-model).
pub const FILE_NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// The first service whose image is a server of the dialect; `None` for other files, also for
/// those that are not YAML.
pub fn database_service(text: &str, dialect: Dialect) -> Option<String> {
    let documents = YamlLoader::load_from_str(text).ok()?;
    let services = documents.first()?["services"].as_hash()?;
    services.iter().find_map(|(name, service)| {
        let image = match &service["image"] {
            Yaml::String(image) => image.as_str(),
            _ => "",
        };
        serves(image, dialect).then(|| name.as_str().map(ToOwned::to_owned)).flatten()
    })
}

fn serves(image: &str, dialect: Dialect) -> bool {
    let name = image.split('@').next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let signs: &[&str] = match dialect {
        Dialect::Postgres => &["postgres", "postgis", "timescaledb", "pgvector"],
        Dialect::Mysql => &["mysql", "mariadb", "percona"],
        Dialect::Sqlite => &[],
    };
    signs.iter().any(|sign| name.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::database_service;
    use crate::dialect::Dialect;

    #[test]
    fn the_service_is_found_by_its_image() {
        let text = "services:\n  web:\n    build: .\n  db:\n    image: docker.io/library/postgres:16-alpine\n";
        assert_eq!(database_service(text, Dialect::Postgres).as_deref(), Some("db"));
        assert_eq!(database_service(text, Dialect::Mysql), None);
        assert_eq!(database_service("not: [yaml", Dialect::Postgres), None);
        assert_eq!(database_service("services: 1", Dialect::Postgres), None);
    }
}
