import { describe, expect, it } from 'vitest';

import { sniffFormat } from './sniff-format.ts';

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const pdf = latin('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\nstartxref\n9\n%%EOF');
const docx = latin('PK\x03\x04\x14\0\0\0 word/document.xml and the rest');
const srt = '1\n00:00:01,000 --> 00:00:02,000\nHello.\n';

describe('sniffFormat', () => {
  it.each([
    ['book.pdf', pdf, 'pdf'],
    ['late-header.pdf', Buffer.concat([latin('junk\0\n'.repeat(100)), pdf]), 'pdf'],
    ['book', pdf, 'pdf'],
    ['letter.docx', docx, 'docx'],
    ['page.html', utf8('<!DOCTYPE html><p>Hi</p>'), 'html'],
    ['page.txt', utf8('<html><body>Hi</body></html>'), 'html'],
    ['fragment.htm', utf8('Just words'), 'html'],
    ['notes.md', utf8('# Notes'), 'markdown'],
    ['readme.md', utf8('<div align="center">Logo</div>\n\n# Title'), 'markdown'],
    ['subtitles.md', utf8('# SRT\n\n00:00:01,000 --> 00:00:02,000 is a cue time'), 'markdown'],
    ['notes.txt', utf8('Just words, 12:30 at lunch.'), 'text'],
    ['about-pdf.txt', utf8('Every PDF starts with %PDF-1.7 or so.'), 'text'],
    ['no-extension', utf8('Just words'), 'text'],
    ['talk.srt', utf8(srt), 'srt'],
    ['talk.txt', utf8(srt), 'srt'],
    ['talk.vtt', utf8('WEBVTT\n\n00:01.000 --> 00:02.000\nHi'), 'vtt'],
    ['talk.txt', utf8('\ufeffWEBVTT - title\n\n00:01.000 --> 00:02.000\nHi'), 'vtt'],
    ['headerless.vtt', utf8('00:01.000 --> 00:02.000\nHi'), 'vtt'],
    ['talk.txt', utf8('[00:03] Good morning.\n[00:17] A second line.'), 'transcript'],
    ['talk.txt', utf8('My talk\n\n(1:00:03) Good morning.\nMore.\n(1:00:17) A second line.'), 'transcript'],
    ['pairs.csv', utf8('Answer;QUESTION\nyes;really?'), 'csv'],
    ['pairs.txt', utf8('question,answer\nreally?,yes'), 'csv'],
    ['other.csv', utf8('name,age\nBob,4'), 'csv'],
  ])('should tell what %s is', (fileName, bytes, format) => {
    expect(sniffFormat({ bytes, fileName })).toBe(format);
  });

  it.each([
    [
      'report.pdf',
      latin('\x89PNG\r\n\x1a\n....'),
      /report\.pdf is named like a PDF document, but it is a PNG image/,
    ],
    ['report.pdf', latin('PK\x03\x04 something/else'), /but it is a ZIP archive/],
    ['report.pdf', latin('MZ\x90\0\x03\0\0\0'), /but it is a Windows program/],
    ['report.pdf', docx, /but it is a Word document \(DOCX\)\. Rename it so that it ends in \.docx/],
    ['report.pdf', utf8('<!doctype html><p>Not found'), /but it is an HTML page \(there is no %PDF header/],
    ['report.pdf', utf8('plain words'), /but it is a plain text file/],
    ['report.pdf', latin('\x89\0\x01\0\x02\x03\x04'.repeat(9)), /damaged or of an unknown kind/],
    [
      'notes.txt',
      pdf,
      /named like a plain text file, but it is a PDF document\. Rename it so that it ends in \.pdf/,
    ],
    [
      'notes.md',
      latin('\xff\xd8\xff\xe0'),
      /named like a Markdown file, but it is a JPEG image\. Export it as/,
    ],
    ['letter.docx', latin('PK\x03\x04 xl/workbook.xml'), /but it is an Excel workbook/],
    ['letter.docx', latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), /an old Office file/],
    ['talk.srt', utf8('no times here'), /without cue times/],
  ])('should say what a misnamed %s is', (fileName, bytes, message) => {
    expect(() => sniffFormat({ bytes, fileName })).toThrow(
      expect.objectContaining({ code: 'document_type_mismatch', message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ['setup.exe', latin('MZ\x90\0'), 'unsupported_media_type'],
    ['data.json', utf8('{}'), 'unsupported_media_type'],
    ['picture', latin('GIF89a\0\0'), 'unsupported_media_type'],
    ['empty.pdf', new Uint8Array(), 'document_empty'],
    ['blank.pdf', utf8('  \n \n'), 'document_empty'],
    ['blank.txt', utf8('  \n \n'), 'document_empty'],
    [
      'locked.docx',
      Buffer.concat([latin('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), Buffer.from('EncryptedPackage', 'utf16le')]),
      'document_encrypted',
    ],
  ])('should refuse %s', (fileName, bytes, code) => {
    expect(() => sniffFormat({ bytes, fileName })).toThrow(expect.objectContaining({ code }));
  });
});
