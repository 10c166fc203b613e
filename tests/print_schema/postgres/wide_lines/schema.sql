CREATE SCHEMA s;
CREATE TYPE s.a_type_whose_name_is_so_long_that_the_line_has_to_break_somewhere AS ENUM ('a');
CREATE TYPE s.a_type_whose_name_is_only_so_long AS ENUM ('a');
CREATE TABLE s.abcdefghijklmno (id serial PRIMARY KEY, a s.a_type_whose_name_is_so_long_that_the_line_has_to_break_somewhere, b s.a_type_whose_name_is_only_so_long);
CREATE TABLE s.bcdefghijklmnop (id serial PRIMARY KEY, a s.a_type_whose_name_is_so_long_that_the_line_has_to_break_somewhere, b s.a_type_whose_name_is_only_so_long);
CREATE TABLE s.cdefghijklmno (id serial PRIMARY KEY, a s.a_type_whose_name_is_so_long_that_the_line_has_to_break_somewhere, b s.a_type_whose_name_is_only_so_long);
