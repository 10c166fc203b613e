use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
#[ops(index(emial, where = "id > 0"))]
struct User {
    id: i32,
    email: String,
}

fn main() {}
