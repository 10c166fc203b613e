//! CREATE TABLE and DROP TABLE.

use expect_test::expect;

use super::Check;

/// The cases that a server accepts.
pub(in crate::replay::mysql) const CASES: &[fn(Check<'_>)] = &[
    types_have_one_name,
    columns_have_attributes,
    defaults_are_values_of_their_type,
    options_count,
    tables_come_and_go,
];

fn types_have_one_name(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int(11), b integer unsigned, c boolean, d tinyint(1) unsigned zerofill, e dec(5,2), f numeric, g double precision, h real, i float(53), j nchar(5), k national varchar(5), l char byte, m text(70000), n blob(100), o long, p year, q bit, r datetime(6), s timestamp, t enum('a','b''c'), u set('x','y'), v uuid, w point, x char, y int zerofill, z bigint(20))",
        &expect![[r#"
            table t (a int, b int unsigned, c tinyint(1), d tinyint(1) unsigned zerofill, e decimal(5,2), f decimal(10,0), g double, h double, i double, j char(5) collate utf8mb3_general_ci, k varchar(5) collate utf8mb3_general_ci, l binary(1), m mediumtext, n tinyblob, o mediumtext, p year, q bit(1), r datetime(6), s timestamp, t enum('a','b''c'), u set('x','y'), v uuid, w point, x char(1), y int unsigned zerofill, z bigint)
        "#]],
    );
    check(
        "CREATE TABLE t (id serial, b int1, c int8, d middleint, e character varying(9), f fixed(4,1) unsigned)",
        &expect![[r#"
            table t (id bigint unsigned! counted, b tinyint, c bigint, d mediumint, e varchar(9), f decimal(4,1) unsigned); unique id (id)
        "#]],
    );
}

fn columns_have_attributes(check: Check<'_>) {
    check(
        "CREATE TABLE t (id int NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s', a int NULL UNIQUE KEY, b varchar(9) NOT NULL DEFAULT 'x' COMMENT '', c timestamp NOT NULL DEFAULT current_timestamp ON UPDATE now(), d int CHECK (d > 1), e int AS (a * 2), f int GENERATED ALWAYS AS (a+1) STORED, g varchar(3) AS (concat(b, 'x')) PERSISTENT UNIQUE COMMENT 'g', h int DEFAULT 1 INVISIBLE)",
        &expect![[r#"
            table t (id int! counted 'it's', a int, b varchar(9)! = 'x', c timestamp! = current_timestamp() on update current_timestamp(), d int check (d > 1), e int as (a * 2) virtual, f int as (a+1), g varchar(3) as (concat(b, 'x')) 'g', h int = 1); key (id); unique a (a); unique g (g)
        "#]],
    );
    check(
        "CREATE TABLE t (a varchar(5) CHARACTER SET latin1, b varchar(5) COLLATE utf8mb4_bin, c text CHARSET utf8, d enum('x') COLLATE latin1_bin, e text binary, f varchar(5) ascii NOT NULL, g varchar(5) COLLATE utf8mb4_general_ci, h char(3) CHARACTER SET binary) DEFAULT CHARSET=utf8mb4",
        &expect![[r#"
            table t (a varchar(5) collate latin1_swedish_ci, b varchar(5) collate utf8mb4_bin, c text collate utf8mb3_general_ci, d enum('x') collate latin1_bin, e text collate utf8mb4_bin, f varchar(5)! collate latin1_swedish_ci, g varchar(5), h binary(3)) utf8mb4_general_ci
        "#]],
    );
    check(
        "CREATE TABLE t (a json, b json DEFAULT '{}' CHECK (b IS NOT NULL), c longtext CHECK (json_valid(c)), d json NOT NULL COMMENT 'x')",
        &expect![[r#"
            table t (a json, b longtext = '{}' collate utf8mb4_bin check (b IS NOT NULL), c json, d json! 'x')
        "#]],
    );
}

fn defaults_are_values_of_their_type(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int DEFAULT '5', b varchar(9) DEFAULT 5, c decimal(6,2) DEFAULT 1, d double DEFAULT 1e3, e bigint DEFAULT 0x10, f bit(4) DEFAULT b'0101', g date DEFAULT (current_date), h datetime DEFAULT now(), i varchar(36) DEFAULT uuid(), j int DEFAULT (1+1), k boolean DEFAULT true, l int DEFAULT NULL, m enum('x','y') DEFAULT 'Y', n datetime(3) DEFAULT '2020-1-2', o varchar(20) DEFAULT \"a\\\"b\\\\c\", p float DEFAULT -.5, q text DEFAULT 'x')",
        &expect![[r#"
            table t (a int = 5, b varchar(9) = '5', c decimal(6,2) = 1.00, d double = 1000, e bigint = 16, f bit(4) = b'101', g date = (curdate()), h datetime = current_timestamp(), i varchar(36) = uuid(), j int = (1+1), k tinyint(1) = 1, l int, m enum('x','y') = 'y', n datetime(3) = '2020-01-02 00:00:00.000', o varchar(20) = 'a"b\\c', p float = -0.5, q text = 'x')
        "#]],
    );
}

fn options_count(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int, b varchar(5)) ENGINE=myisam AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 COLLATE latin1_bin ROW_FORMAT=DYNAMIC COMMENT='it''s'; CREATE TABLE u (a int) ENGINE InnoDB, CHARACTER SET utf8mb4, COMMENT 'x' PARTITION BY HASH (a) PARTITIONS 4",
        &expect![[r#"
            table t (a int, b varchar(5)) MyISAM latin1_bin 'it's'
            table u (a int) by HASH (a) PARTITIONS 4 InnoDB utf8mb4_general_ci 'x'
        "#]],
    );
}

fn tables_come_and_go(check: Check<'_>) {
    check(
        "CREATE TABLE t (a int); CREATE TABLE IF NOT EXISTS t (b int); CREATE OR REPLACE TABLE t (c int); CREATE TEMPORARY TABLE u (a int); CREATE INDEX i ON u (a); ALTER TABLE u ADD b int; DROP TABLE IF EXISTS v; CREATE TABLE v (a int); CREATE TABLE w (a int); DROP TABLE v, w; DROP TEMPORARY TABLE u",
        &expect![[r#"
            table t (c int)
        "#]],
    );
    check(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int NOT NULL DEFAULT 3 CHECK (a > 0), UNIQUE (a), KEY k (a, id), FOREIGN KEY (a) REFERENCES p (id), CHECK (a < 9)) COMMENT 'x'; CREATE TABLE u LIKE t",
        &expect![[r#"
            table p (id int!); key (id)
            table t (id int! counted, a int! = 3 check (a > 0)); key (id); unique a (a); check CONSTRAINT_1 (a < 9); foreign t_ibfk_1 (a) -> p (id); index k (a, id) 'x'
            table u (id int! counted, a int! = 3 check (a > 0)); key (id); unique a (a); check CONSTRAINT_1 (a < 9); index k (a, id) 'x'
        "#]],
    );
    check(
        "SET foreign_key_checks = 0; CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p (id)); ALTER TABLE p RENAME TO q; CREATE TABLE p (id int PRIMARY KEY); DROP TABLE q",
        &expect![[r#"
            table p (id int!); key (id)
            table t (a int); foreign t_ibfk_1 (a) -> q (id); index a (a)
        "#]],
    );
}
