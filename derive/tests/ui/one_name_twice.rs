use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(index(id, name = "a"), unique(id, name = "a"))]
struct User {
    id: i32,
}

fn main() {}
