use ops_migrate_derive::OpsModel;

#[derive(OpsModel)]
#[diesel(table_name = users)]
struct User {
    id: i32,
    #[ops(references(users.id, on_delete = cascde))]
    boss: Option<i32>,
}

fn main() {}
