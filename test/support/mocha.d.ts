/** As much of mocha's globals as our tests use; the runner brings mocha, no package brings its types. */
interface TestContext {
  timeout(ms: number): this;
  skip(): never;
}
type TestBody = (this: TestContext) => void | Promise<void>;
interface TestFunction {
  (name: string, body?: TestBody): void;
  skip(name: string, body?: TestBody): void;
  only(name: string, body?: TestBody): void;
}
interface SuiteFunction {
  (name: string, body: (this: TestContext) => void): void;
  skip(name: string, body: (this: TestContext) => void): void;
  only(name: string, body: (this: TestContext) => void): void;
}
declare const describe: SuiteFunction;
declare const it: TestFunction;
declare const before: (body: TestBody) => void;
declare const after: (body: TestBody) => void;
declare const beforeEach: (body: TestBody) => void;
declare const afterEach: (body: TestBody) => void;
