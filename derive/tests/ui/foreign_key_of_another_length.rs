use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(foreign_key(a, b, references = users(id)))]
struct User {
    id: i32,
    a: i32,
    b: i32,
}

fn main() {}
