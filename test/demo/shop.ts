/** Both servers know it; MariaDB's sequences MySQL does not. */
function numbers(count: number): string {
  return `WITH RECURSIVE numbers (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers WHERE seq < ${count})`;
}

/** A small shop: three tables that refer to each other, a view, a trigger. */
export const SHOP_SQL = `
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL, email VARCHAR(200) UNIQUE);
CREATE TABLE orders (
  id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(10,2) NOT NULL,
  ordered DATETIME NOT NULL, note VARCHAR(200), KEY (ordered), FOREIGN KEY (customer) REFERENCES customers (id));
CREATE TABLE order_log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(200));
/*!80000 SET cte_max_recursion_depth = 20000 */;
/*M! SET max_recursive_iterations = 20000 */;
INSERT INTO customers (name, email) ${numbers(500)}
  SELECT CONCAT('Customer ', seq), CONCAT('customer', seq, '@example.com') FROM numbers;
INSERT INTO orders (customer, amount, ordered, note) ${numbers(20_000)}
  SELECT 1 + seq % 500, seq % 9973 / 100, '2026-01-01' + INTERVAL seq MINUTE, CONCAT('Deliver it after ', seq % 24, ':00') FROM numbers;
CREATE VIEW turnover AS SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer;
CREATE TRIGGER orders_log AFTER INSERT ON orders FOR EACH ROW INSERT INTO order_log (what) VALUES (CONCAT('order ', NEW.id));
`;

/** One line that differs whenever a row or a table of the shop does. */
export const FINGERPRINT_SQL = `
SELECT CONCAT((SELECT COUNT(*) FROM customers), ' customers, ', COUNT(*), ' orders worth ', SUM(amount), ', fingerprint ',
  BIT_XOR(CRC32(CONCAT_WS('|', id, customer, amount, ordered, note)))) FROM orders;
`;
