use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(history)]
struct User {
    id: i32,
    history_at: String,
}

fn main() {}
