use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
struct User {
    id: i32,
    #[ops(default = "now(")]
    since: i64,
}

fn main() {}
