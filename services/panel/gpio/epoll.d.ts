/** The native package that onoff builds on (epoll(7)). */
declare module 'epoll' {
  class Epoll {
    static readonly EPOLLIN: number;
    constructor(onEvents: (error: Error | null, fd: number, events: number) => void);
    add(fd: number, events: number): this;
    remove(fd: number): this;
    close(): void;
  }
  const epoll: { Epoll: typeof Epoll };
  export default epoll;
}
