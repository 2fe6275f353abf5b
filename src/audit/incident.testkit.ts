/**
 * PySyncObj issue #201, in the order and with the values that the unmodified library showed: three servers come back
 * with the same 42 entries and at term 0; A commits three more in term 1; B, which has none of them, wins term 2.
 */
export const INCIDENT = `
  A starts term=0 log=0,1*8,2*8,3*8,4*8,5*9 commit=42 applied=1
  B starts term=0 log=0,1*8,2*8,3*8,4*8,5*9 commit=42 applied=1
  C starts term=0 log=0,1*8,2*8,3*8,4*8,5*9 commit=42 applied=1
  ${applies("A", 2, 42)}
  ${applies("B", 2, 42)}
  ${applies("C", 2, 42)}
  A term 1
  A vote A
  A is candidate
  A asks C
  C term 1
  C vote A
  C grants A
  A is leader
  A appends 43@1
  A sends C
  C takes A
  C appends 43@1
  C accepts A
  A commit 43
  A applies 43
  C commit 43
  C applies 43
  A appends 44@1:leader=A
  A appends 45@1:members/A=a
  C takes A
  C appends 44@1:leader=A
  C accepts A
  C takes A
  C appends 45@1:members/A=a
  C accepts A
  A commit 45
  A applies 44
  A answers 44@1
  A applies 45
  A answers 45@1
  C commit 45
  C applies 44
  C applies 45
  B term 1
  B vote B
  B is candidate
  B asks C
  B term 2
  B asks C
  C term 2
  C vote B
  C grants B
  B is leader
  B appends 43@2
  B sends C
  C takes B
  C cuts 43
  C appends 43@2
  C accepts B
  B commit 43
  B applies 43
  B appends 44@2:leader=B
  C takes B
  C appends 44@2:leader=B
  C accepts B
  B commit 44
  B applies 44
  B answers 44@2
  B appends 45@2:members/B=b
  C takes B
  C appends 45@2:members/B=b
  C accepts B
  B commit 45
  B applies 45
  A takes B
  A term 2
  A vote -
  A is follower
  A cuts 43
  A appends 43@2 44@2:leader=B 45@2:members/B=b
  A accepts B
  B appends 46@2:post=yes
  A takes B
  A appends 46@2:post=yes
  A accepts B
  C takes B
  C appends 46@2:post=yes
  C accepts B
  B commit 46
  B applies 46
  B answers 46@2
  A commit 46
  A applies 46
  C commit 46
  C applies 46
`;

function applies(server: string, from: number, to: number): string {
  const lines: string[] = [];
  for (let index = from; index <= to; index++) lines.push(`${server} applies ${index}`);
  return lines.join("\n");
}
