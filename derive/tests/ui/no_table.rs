use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[ops(index(id))]
struct User {
    id: i32,
}

fn main() {}
